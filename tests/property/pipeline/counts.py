"""What the workers of a simulated world count, and what they cannot because they crash."""

from collections import Counter

from pipeline.stitching.register import Register
from pipeline.stitching.tally import SETTLING_MS, Outcomes, Tally


class Counts:
    """A tally per worker over one register; frictions are given by id."""

    def __init__(self, register: Register, workers: int) -> None:
        self.raised: Counter[str] = Counter()
        self.withdrawn: Counter[str] = Counter()
        self.ever: set[str] = set()
        """Frictions that were ever saved."""
        self.lost: set[str] = set()
        """Frictions of which workers had saved the row or the claim, and not counted them, when they crashed."""
        self._register = register
        self._tallies = [Tally(register) for _ in range(workers)]
        self._waiting: list[set[str]] = [set() for _ in range(workers)]
        self._going: list[set[str]] = [set() for _ in range(workers)]

    def claimed(self, worker: int, outcomes: Outcomes) -> None:
        self._waiting[worker] |= _ids(outcomes)

    def saved(self, worker: int, outcomes: Outcomes, now: int) -> None:
        self._tallies[worker].add(outcomes, now)
        self.ever |= _ids(outcomes)
        self._waiting[worker] |= _ids(outcomes)
        self._going[worker] |= {gone.friction_id for gone in outcomes.withdrawn.values()}

    async def count(self, worker: int, now: int) -> None:
        counted = await self._tallies[worker].count()
        self.raised.update(friction.friction_id for friction in counted.raised)
        settled = await self._tallies[worker].settle(now)
        self.withdrawn.update(gone.friction_id for gone in settled.withdrawn)
        self._waiting[worker].clear()

    def crashed(self, worker: int) -> None:
        self.lost |= self._waiting[worker] | self._going[worker]
        self._tallies[worker] = Tally(self._register)
        self._waiting[worker], self._going[worker] = set(), set()

    async def finish(self, now: int) -> None:
        """Count once more, after the time that a withdrawal takes."""
        for worker in range(len(self._tallies)):
            await self.count(worker, now + SETTLING_MS)


def _ids(outcomes: Outcomes) -> set[str]:
    return {friction.friction_id for friction in outcomes.raised.values()}
