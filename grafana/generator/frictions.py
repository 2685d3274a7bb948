"""What several boards show: recent frictions, and frictions per hour."""

from grafana.generator.counts import counted
from grafana.generator.panel import Panel
from grafana.generator.sources import over_time


def lately(matchers: str, minutes: int) -> str:
    """PromQL of the number of frictions counted in the last `minutes`; `matchers` select their labels."""
    series = f"touchline_frictions_total{{{matchers}}}"
    return f"round(sum({counted(series, f'{minutes}m', f'{60 * minutes}')})) or vector(0)"


def per_hour(title: str, description: str, kinds: str, chosen: str, *, width: int) -> Panel:
    """A chart of the frictions of customers, not of mystery shoppers, by kind.

    Args:
        title: The panel's title.
        description: The panel's description.
        kinds: The kinds, separated by `|`.
        chosen: Label matchers that use the board's variables.
        width: Width of the panel, of 24 columns.
    """
    matchers = f'kind=~"{kinds}", probe="0", {chosen}'
    rate = f"3600 * sum by (kind) (rate(touchline_frictions_total{{{matchers}}}[$__rate_interval]))"
    return Panel(
        "timeseries",
        title,
        description,
        (over_time(rate, "{{kind}}"),),
        interval="10m",
        width=width,
        stacked=True,
        runbook="FrictionAboveNormal",
    )
