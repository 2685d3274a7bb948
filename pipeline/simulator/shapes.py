"""Distributions of everyday life: peaks over the day, heavy tails, prices."""

from bisect import bisect_right
from itertools import accumulate
from math import exp, log
from random import Random

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

ONLINE_HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 11, 11, 12, 11, 10, 10, 11, 13, 15, 18, 21, 19, 12, 6)
"""Relative traffic of the shop by hour of the local day: a lunch bump, and the peak after dinner."""
STORE_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 7, 10, 12, 9, 8, 9, 12, 16, 14, 8, 0, 0, 0, 0)
DESK_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 10, 14, 15, 13, 10, 11, 12, 11, 10, 9, 6, 4, 0, 0, 0, 0)


def lognormal(rng: Random, median: float, sigma: float) -> float:
    """A positive number with a heavy right tail; a `sigma` of 0.5 puts one in twenty above 2.3 medians."""
    return exp(rng.gauss(log(median), sigma))


def poisson(rng: Random, mean: float) -> int:
    """A number of independent occurrences (Knuth's method: fine for small means)."""
    limit, product, count = exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def liveliness(rng: Random) -> float:
    """How much more active than average a person is: mean 1, Pareto tail, at most 20."""
    return min(rng.paretovariate(1.6) * 0.42, 20.0)


def price(rng: Random, median: float) -> float:
    """A shop price: log-normal, ending in .99 or .95."""
    whole = max(1, round(lognormal(rng, median, 0.9)))
    return whole - (0.01 if rng.random() < 0.7 else 0.05)


class Hours:
    """Samples moments of a window so that they follow an hourly profile of the local day."""

    def __init__(self, profile: tuple[int, ...], start: int, end: int, utc_offset_hours: int) -> None:
        self._start = start
        self._slot = min(HOUR, end - start)
        slots = range(start, end, self._slot)
        offset = utc_offset_hours * HOUR
        weights = [profile[(slot + offset) // HOUR % 24] for slot in slots]
        self._cumulative = list(accumulate(weights if any(weights) else [1] * len(weights)))
        self._end = end

    def sample(self, rng: Random) -> int:
        """A moment of the window, milliseconds since the epoch."""
        slot = bisect_right(self._cumulative, rng.random() * self._cumulative[-1])
        return min(self._start + slot * self._slot + int(rng.random() * self._slot), self._end - 1)
