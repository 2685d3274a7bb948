"""Charts over time as SVG: lines, stacked bars, heat maps and sparklines."""

import itertools
import math
from collections.abc import Sequence
from html import escape

from grafana.preview import colours
from grafana.preview.answers import Series
from grafana.preview.dashboard import Defaults
from grafana.preview.scale import Scale
from grafana.preview.units import written

LEFT, RIGHT, TOP, BOTTOM = 62, 20, 6, 20
"""Pixels around the drawn area, for the labels of the axes."""
PIXELS_PER_MARK = 32
PIXELS_PER_MOMENT = 75
NEAR = 1.5
"""A threshold is drawn if it is at most this many times the highest value."""
GAP = 2.5
"""A line breaks where this many steps are missing."""

Size = tuple[int, int]
Span = tuple[float, float]
"""Time range, seconds since the epoch."""


def over_time(series: Sequence[Series], shown: Defaults, size: Size, span: Span) -> str:
    """Lines, or stacked bars, with dashed thresholds if the panel draws them.

    Args:
        series: At least one.
        shown: The panel's unit, thresholds and custom properties.
        size: Pixels.
        span: Time range, seconds since the epoch.
    """
    stacked = shown.custom.get("drawStyle") == "bars"
    values = [value for one in series for value in one.values if math.isfinite(value)]
    highest = _tallest(series) if stacked else max(values, default=0)
    limits = _limits(shown, highest * NEAR)
    highest = max(highest, *(limit for limit, _ in limits), 0)
    down = Scale(min(0.0, *values, 0.0), highest * 1.05 or 1.0, size[1] - BOTTOM, TOP)
    across = Scale(*span, LEFT, size[0] - RIGHT)
    parts = [_frame(across, down, shown.unit)]
    shade = float(shown.custom.get("fillOpacity", 0)) / 100
    parts += _stack(series, across, down) if stacked else _lines(series, across, down, shade)
    parts += [
        f'<path d="M{across.start} {down.at(limit):.1f}H{across.end}" stroke="{colour}" stroke-dasharray="6 4"/>'
        for limit, colour in limits
    ]
    return _svg(size, parts)


def heat(series: Sequence[Series], size: Size, span: Span, unit: str) -> str:
    """A histogram over time; the series are its cumulative buckets, with the label `le`."""
    ordered = sorted(series, key=lambda one: float(one.labels["le"]))
    across, down = Scale(*span, LEFT, size[0] - RIGHT), Scale(0, len(ordered), size[1] - BOTTOM, TOP)
    cells: dict[tuple[int, float], float] = {}
    below: dict[float, float] = {}
    for row, one in enumerate(ordered):
        now = {time: value for time, value in zip(one.times, one.values, strict=True) if math.isfinite(value)}
        cells |= {(row, time): value - below.get(time, 0) for time, value in now.items() if value > below.get(time, 0)}
        below = now
    most = max(cells.values(), default=1)
    width, height = _width(series, across), abs(down.at(1) - down.at(0)) - 1
    parts = [_moments(across, down)]
    for row, one in enumerate(ordered):
        bound = float(one.labels["le"])
        name = written(bound, unit) if math.isfinite(bound) else "more"
        parts.append(f'<text x="{LEFT - 6}" y="{down.at(row + 0.5) + 4:.1f}" text-anchor="end">{escape(name)}</text>')
    for (row, time), count in cells.items():
        shade = 0.15 + 0.85 * count / most
        parts.append(
            f'<rect x="{across.at(time) - width / 2:.1f}" y="{down.at(row + 1):.1f}" width="{width:.1f}"'
            f' height="{height:.1f}" fill="#ff9830" fill-opacity="{shade:.2f}"/>'
        )
    return _svg(size, parts)


def spark(one: Series, colour: str, size: Size) -> str:
    """A sparkline: a line without axes."""
    values = [value for value in one.values if math.isfinite(value)]
    down = Scale(min(values), max(values), size[1] - 2, 2)
    return _svg(size, _line(one, Scale(one.times[0], one.times[-1], 0, size[0]), down, colour, size[1], 0.2))


def _limits(shown: Defaults, reach: float) -> list[tuple[float, str]]:
    """The thresholds up to `reach`, with their colours; higher ones would flatten the values."""
    if "thresholdsStyle" not in shown.custom:
        return []
    steps = [(step.value, colours.NAMED[step.color]) for step in shown.thresholds.steps if step.value is not None]
    return [(value, colour) for value, colour in steps if value <= reach]


def _lines(series: Sequence[Series], across: Scale, down: Scale, shade: float) -> list[str]:
    drawn = [
        _line(one, across, down, colours.of_series(position), down.at(max(0.0, down.low)), shade)
        for position, one in enumerate(series)
    ]
    return list(itertools.chain.from_iterable(drawn))


def _line(one: Series, across: Scale, down: Scale, colour: str, floor: float, shade: float) -> list[str]:
    parts = []
    for piece in _pieces(one):
        points = [(across.at(time), down.at(value)) for time, value in piece]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        left, right = points[0][0], points[-1][0]
        if len(points) == 1:
            parts.append(f'<circle cx="{left:.1f}" cy="{points[0][1]:.1f}" r="2" fill="{colour}"/>')
            continue
        area = f"{left:.1f},{floor:.1f} {path} {right:.1f},{floor:.1f}"
        parts.append(f'<polygon points="{area}" fill="{colour}" fill-opacity="{shade}"/>')
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.3"/>')
    return parts


def _pieces(one: Series) -> list[list[tuple[float, float]]]:
    """The finite points of a series, split where points are missing."""
    points = [(time, value) for time, value in zip(one.times, one.values, strict=True) if math.isfinite(value)]
    step = _step([one])
    pieces: list[list[tuple[float, float]]] = []
    for point in points:
        if not pieces or point[0] - pieces[-1][-1][0] > GAP * step:
            pieces.append([])
        pieces[-1].append(point)
    return pieces


def _stack(series: Sequence[Series], across: Scale, down: Scale) -> list[str]:
    width = max(_width(series, across) - 0.5, 1.0)
    base: dict[float, float] = {}
    parts = []
    for position, one in enumerate(series):
        path = []
        for time, value in zip(one.times, one.values, strict=True):
            if math.isfinite(value) and value > 0:
                low, high = down.at(base.get(time, 0)), down.at(base.get(time, 0) + value)
                base[time] = base.get(time, 0) + value
                path.append(f"M{across.at(time) - width / 2:.1f} {low:.1f}h{width:.1f}V{high:.1f}h{-width:.1f}z")
        parts.append(f'<path d="{"".join(path)}" fill="{colours.of_series(position)}"/>')
    return parts


def _tallest(series: Sequence[Series]) -> float:
    sums: dict[float, float] = {}
    for one in series:
        for time, value in zip(one.times, one.values, strict=True):
            sums[time] = sums.get(time, 0) + (value if math.isfinite(value) else 0)
    return max(sums.values(), default=0)


def _step(series: Sequence[Series]) -> float:
    times = sorted({time for one in series for time in one.times})
    return min((after - before for before, after in itertools.pairwise(times)), default=60)


def _width(series: Sequence[Series], across: Scale) -> float:
    return across.at(across.low + _step(series)) - across.start


def _frame(across: Scale, down: Scale, unit: str) -> str:
    parts = [_moments(across, down)]
    for value in down.marks(max(2, int((down.start - down.end) / PIXELS_PER_MARK)), unit):
        y = down.at(value)
        parts.append(f'<path d="M{across.start} {y:.1f}H{across.end}" stroke="{colours.GRID}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(written(value, unit))}</text>')
    return "".join(parts)


def _moments(across: Scale, down: Scale) -> str:
    parts = []
    for moment, text in across.moments(max(2, int((across.end - across.start) / PIXELS_PER_MOMENT))):
        x = across.at(moment)
        parts.append(f'<path d="M{x:.1f} {down.start}V{down.end}" stroke="{colours.GRID}"/>')
        parts.append(f'<text x="{x:.1f}" y="{down.start + 15}" text-anchor="middle">{text}</text>')
    return "".join(parts)


def _svg(size: Size, parts: Sequence[str]) -> str:
    style = f'font-size="11" fill="{colours.TEXT}"'
    return f'<svg width="{size[0]}" height="{size[1]}" {style}>{"".join(parts)}</svg>'
