"""Draws each kind of panel as HTML."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import Final

from grafana.preview import charts, colours, resolving
from grafana.preview.answers import Series, Sources, Table
from grafana.preview.dashboard import Panel, Target
from grafana.preview.units import written

LEGEND_LINES = 2
"""Lines of the legend below a chart; Grafana lets one scroll."""
LEGEND_LINE = 18
TALL = 150
"""Height in pixels above which a stat's number is larger."""

Size = tuple[int, int]
"""Width and height of a panel's content, pixels."""


def content(panel: Panel, sources: Sources, size: Size) -> str:
    """Run a panel's queries, and draw the results as its kind requires."""
    sql = panel.targets[0].raw_sql
    table = sources.table(sql, panel.seconds) if sql else None
    if table and panel.type in _TABLES:
        return _TABLES[panel.type](panel, table) if table.rows else _empty(panel)
    series = _lines_of(table) if table else _asked(panel, sources)
    return _SERIES[panel.type](panel, series, size, (sources.since, sources.until)) if series else _empty(panel)


def _lines_of(table: Table) -> list[Series]:
    """A line for each column except the first, which holds the times."""
    times = [_moment(row[0]) for row in table.rows]
    return [
        Series({}, times, [_number(row[place]) for row in table.rows], name)
        for place, name in enumerate(table.columns)
        if place and times
    ]


def _moment(value: object) -> float:
    assert isinstance(value, datetime), value
    return value.replace(tzinfo=value.tzinfo or UTC).timestamp()


def _asked(panel: Panel, sources: Sources) -> list[Series]:
    found = [
        replace(one, legend=resolving.legend(target.legend_format, one.labels))
        for target in panel.targets
        for one in _ask(target, panel.seconds, sources)
    ]
    return [one for one in found if any(map(math.isfinite, one.values))]


def _ask(target: Target, step: int, sources: Sources) -> list[Series]:
    return sources.at_once(target.expr) if target.instant else sources.over_time(target.expr, step)


def _empty(panel: Panel) -> str:
    return f'<div class="empty">{escape(panel.field_config.defaults.no_value)}</div>'


def _stat(panel: Panel, series: Sequence[Series], size: Size, _span: tuple[float, float]) -> str:
    shown = panel.field_config.defaults
    parts = []
    for one in series:
        colour = colours.NAMED[shown.thresholds.colour(one.last)]
        name = f"<small>{escape(one.legend)}</small>" if one.legend else ""
        line = charts.spark(one, colour, (size[0], 36)) if len(one.times) > 2 else ""
        value = written(one.last, shown.unit)
        parts.append(f'<div class="stat" style="color:{colour}">{name}<b>{escape(value)}</b>{line}</div>')
    tall = " tall" if size[1] > TALL else ""
    return f'<div class="stats{tall}">{"".join(parts)}</div>'


def _gauge(panel: Panel, series: Sequence[Series], _size: Size, _span: tuple[float, float]) -> str:
    shown = panel.field_config.defaults
    bars = [(one.legend, one.last, colours.NAMED[shown.thresholds.colour(one.last)]) for one in series]
    return _bars(bars, shown.unit)


def _chart(panel: Panel, series: Sequence[Series], size: Size, span: tuple[float, float]) -> str:
    legend, lines = _legend([one.legend for one in series], size[0])
    room = (size[0], size[1] - 6 - lines * LEGEND_LINE)
    return charts.over_time(series, panel.field_config.defaults, room, span) + legend


def _legend(names: Sequence[str], width: int) -> tuple[str, int]:
    """The names of the series, and how many lines of text they take; names that do not fit are only counted."""
    parts, used = [], 0.0
    for position, name in enumerate(names):
        used += len(name) * 6.6 + 32
        if used > LEGEND_LINES * (width - 100) and position < len(names) - 1:
            parts.append(f"<span>and {len(names) - position} more</span>")
            break
        parts.append(f'<span><i style="background:{colours.of_series(position)}"></i>{escape(name)}</span>')
    return f'<p class="legend">{"".join(parts)}</p>', 1 if used < width else LEGEND_LINES


def _heat(panel: Panel, series: Sequence[Series], size: Size, span: tuple[float, float]) -> str:
    return charts.heat(series, size, span, panel.field_config.defaults.unit)


def _bars(bars: Sequence[tuple[str, float, str]], unit: str) -> str:
    longest = max((abs(value) for _, value, _ in bars if math.isfinite(value)), default=0) or 1
    rows = [
        f'<div><span title="{escape(name)}">{escape(name)}</span><p><i style="width:{100 * abs(value) / longest:.1f}%;'
        f'background:{colour}"></i></p><b>{escape(written(value, unit))}</b></div>'
        for name, value, colour in bars
    ]
    names = max(len(name) for name, _, _ in bars) * 7 + 8
    return f'<div class="bars" style="--names:{names}px">{"".join(rows)}</div>'


def _table(panel: Panel, table: Table) -> str:
    heads = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    rows = ["".join(map(lambda name, cell: _cell(panel, name, cell), table.columns, row)) for row in table.rows]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="table"><table><tr>{heads}</tr>{body}</table></div>'


def _cell(panel: Panel, column: str, value: object) -> str:
    if isinstance(value, datetime):
        text = f"{value:%Y-%m-%d %H:%M:%S}"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        unit = panel.column(column, "unit")
        text = written(value, unit) if isinstance(unit, str) else f"{value:,}"
        return f'<td class="number">{escape(text)}</td>'
    else:
        text = "" if value is None else str(value)
    kind = ' class="link"' if panel.column(column, "links") else ""
    return f"<td{kind}>{escape(text)}</td>"


def _column_chart(panel: Panel, table: Table) -> str:
    bars = [(str(row[0]), _number(row[1]), colours.of_series(0)) for row in table.rows]
    return _bars(bars, panel.field_config.defaults.unit)


def _figure(panel: Panel, table: Table) -> str:
    """Draw the last column of the last row as a stat."""
    return _stat(panel, [Series({}, [0.0], [_number(table.rows[-1][-1])])], (0, 0), (0.0, 0.0))


def _number(value: object) -> float:
    assert isinstance(value, int | float), value
    return float(value)


_SERIES: Final[dict[str, Callable[[Panel, Sequence[Series], Size, tuple[float, float]], str]]] = {
    "stat": _stat,
    "bargauge": _gauge,
    "timeseries": _chart,
    "heatmap": _heat,
}
_TABLES: Final[dict[str, Callable[[Panel, Table], str]]] = {
    "table": _table,
    "barchart": _column_chart,
    "stat": _figure,
}
