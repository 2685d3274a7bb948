"""Resolves variables and macros in queries, in place of Grafana and its ClickHouse plugin."""

import re
from collections.abc import Mapping, Sequence


def promql(text: str, rate_seconds: int = 60, range_seconds: int = 3600) -> str:
    """Return the query that Prometheus receives if every variable is set to all values."""
    resolved = text.replace("$__rate_interval", f"{rate_seconds}s")
    resolved = resolved.replace("$__range_s", str(range_seconds)).replace("$__range", f"{range_seconds}s")
    return re.sub(r"\$(?:\{)?(owner|touchpoint|channel|source)\b(?:\})?", ".*", resolved)


def sql(
    text: str, since: int, until: int, chosen: Mapping[str, Sequence[str]], journey: str = "", step: int = 600
) -> str:
    """Return the query that ClickHouse receives.

    Args:
        text: The panel's query.
        since: Start of the time range, seconds since the epoch.
        until: End of the time range.
        chosen: Values by variable, for those with several values; a variable that is missing is set to all values.
        journey: Value of the variable `journey`.
        step: Time between two points of a chart, seconds.
    """
    of_point = rf"toStartOfInterval(toDateTime(\1), INTERVAL {step} second)"
    text = re.sub(r"\$__timeInterval\(([\w.]+)\)", of_point, text).replace("$__interval_s", str(step))
    text = re.sub(r"\$__timeFilter\(([\w.]+)\)", rf"\1 >= toDateTime({since}) AND \1 <= toDateTime({until})", text)
    text = text.replace("$__fromTime", f"toDateTime({since})").replace("$__toTime", f"toDateTime({until})")
    for name, values in chosen.items():
        text = text.replace(f"${{{name}:singlequote}}", ", ".join(f"'{value}'" for value in values))

    def condition(match: re.Match[str]) -> str:
        return match[1] if match[2] in chosen else "1=1"

    text = re.sub(r"\$__conditionalAll\((.*?), \$(\w+)\)", condition, text)
    text = text.replace("${journey:sqlstring}", f"'{journey}'")
    assert "$" not in text, text
    return text


def legend(template: str, labels: Mapping[str, str]) -> str:
    """Return the name of a series in the legend."""
    if template == "__auto":
        return ", ".join(value for name, value in sorted(labels.items()) if name != "__name__")
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: labels.get(match[1], ""), template)
