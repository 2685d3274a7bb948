"""Axes: map values and times to pixels, with marks at round values."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_TIMES = (*(1, 2, 5, 10, 20, 30), *(60 * n for n in (1, 2, 5, 10, 20, 30)), *(3600 * n for n in (1, 2, 3, 6, 12)))
_DAYS = tuple(86_400 * n for n in (1, 2, 5, 7, 14, 28))
_STEPS = (10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
"""Seconds between the marks of a time axis."""


@dataclass(frozen=True)
class Scale:
    """A linear mapping from values to pixels."""

    low: float
    high: float
    start: float
    """Pixel of the lowest value."""
    end: float
    """Pixel of the highest."""

    def at(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + (value - self.low) / ((self.high - self.low) or 1) * (self.end - self.start)

    def marks(self, wanted: int, unit: str = "short") -> list[float]:
        """Values from the lowest to the highest that are round in the unit; about as many as `wanted`."""
        step = _step(((self.high - self.low) or 1) / wanted, unit)
        first = math.ceil(self.low / step)
        return [step * number for number in range(first, math.floor(self.high / step + 1e-9) + 1)]

    def moments(self, wanted: int) -> Iterator[tuple[float, str]]:
        """Yield round moments with their labels; the values are seconds since the epoch."""
        step = next((step for step in _STEPS if (self.high - self.low) / step <= wanted), _STEPS[-1])
        for number in range(math.ceil(self.low / step), math.floor(self.high / step) + 1):
            yield step * number, f"{datetime.fromtimestamp(step * number, UTC):{'%H:%M:%S' if step < 60 else '%H:%M'}}"


def _step(raw: float, unit: str) -> float:
    """The smallest round number that is not smaller than `raw`."""
    if unit == "s" and 0.5 < raw < _DAYS[-1]:
        return next(float(step) for step in (*_TIMES, *_DAYS) if step >= raw * 0.999)
    base = 1024.0 ** max(0, math.floor(math.log(raw, 1024))) if unit == "bytes" and raw > 1 else 1.0
    power = 10.0 ** math.floor(math.log10(raw / base))
    return next(base * power * factor for factor in _ROUND if base * power * factor >= raw * 0.999)
