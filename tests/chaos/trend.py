"""Whether a figure is flat."""

from collections.abc import Sequence
from statistics import fmean, linear_regression
from typing import NamedTuple

Point = tuple[float, float]
"""A time in seconds, and the figure then."""


class Trend(NamedTuple):
    """The straight line that fits the last two thirds of the time best, by least squares.

    The first third is left out, as caches and heaps are still filling.
    """

    level: float
    """Mean of these points."""
    gain: float
    """How much the line rises from its beginning to its end."""

    @classmethod
    def of(cls, points: Sequence[Point]) -> "Trend":
        """Fit the line to points in the order of time.

        Raises:
            ValueError: There are too few points.
        """
        began, ended = points[0][0], points[-1][0]
        times, figures = zip(*(point for point in points if point[0] >= began + (ended - began) / 3), strict=True)
        if len(times) < 2:
            raise ValueError("a trend takes two points")
        return cls(fmean(figures), linear_regression(times, figures).slope * (times[-1] - times[0]))

    @property
    def share(self) -> float:
        """The gain as a share of the level."""
        return self.gain / self.level if self.level else 0.0
