"""Formats values as Grafana does: three significant digits, and the unit that suits the size."""

import math
from collections.abc import Sequence

_TIMES = ((1.0, "s"), (60.0, "min"), (3600.0, "hour"), (86_400.0, "day"), (7 * 86_400.0, "week"))
_BYTES = tuple((1024.0**power, f"{letter}B") for power, letter in enumerate(("", "Ki", "Mi", "Gi", "Ti")))
_COUNTS = ((1.0, ""), (1e3, "K"), (1e6, "Mil"), (1e9, "Bil"))
_SUFFIXES = {"eps": "evt/s", "reqps": "req/s", "rowsps": "rows/s"}


def written(value: float, unit: str) -> str:
    """Format a value with its unit, given as Grafana's id; an unknown id is appended as it is."""
    if not math.isfinite(value):
        return "no number"
    if unit == "percentunit":
        return f"{_digits(100 * value)}%"
    if unit == "s":
        return f"{_digits(1000 * value)} ms" if 0 < abs(value) < 1 else _scaled(value, _TIMES)
    if unit == "h":
        return _scaled(3600 * value, _TIMES)
    if unit == "bytes":
        return _scaled(value, _BYTES)
    suffix = _SUFFIXES.get(unit, "" if unit == "short" else unit)
    return f"{_scaled(value, _COUNTS)} {suffix}".strip()


def _scaled(value: float, scale: Sequence[tuple[float, str]]) -> str:
    size, name = next((one for one in reversed(scale) if abs(value) >= one[0]), scale[0])
    return f"{_digits(value / size)} {name}".strip()


def _digits(value: float) -> str:
    if abs(value) < 1:
        return f"{value:.3g}"
    before = len(str(int(abs(value))))
    text = f"{value:.{max(0, 3 - before)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
