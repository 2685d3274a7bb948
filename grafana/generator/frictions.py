"""What most boards have: frictions lately, and per hour."""

from grafana.generator.counts import counted
from grafana.generator.panel import Panel
from grafana.generator.sources import over_time


def lately(matchers: str, minutes: int) -> str:
    """PromQL of how many were counted in the last minutes.

    Args:
        matchers: Of their labels.
        minutes: How many.
    """
    series = f"touchline_frictions_total{{{matchers}}}"
    return f"round(sum({counted(series, f'{minutes}m', f'{60 * minutes}')})) or vector(0)"


def per_hour(title: str, description: str, kinds: str, chosen: str, *, width: int) -> Panel:
    """Frictions of customers, not of mystery shoppers, by kind.

    Args:
        title: Of the panel.
        description: What it shows.
        kinds: The kinds, with `|` between them.
        chosen: Matchers of the labels that the board's variables choose.
        width: Of 24 columns.
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
