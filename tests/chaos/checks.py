"""What makes a run invalid or wrong although every row is right."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from tests.chaos.answer import Difference
from tests.chaos.fault import Fault
from tests.chaos.load import Load
from tests.chaos.watch import Watch
from tests.chaos.workers import STOPPED, WorkerProcess

STALL_SHARE: Final = 0.5
"""A fault that stops everything must cause a stall of at least this share of its duration."""


class Strike(NamedTuple):
    """When a fault struck; times in seconds by the monotonic clock."""

    began: float
    ended: float


def load_problems(load: Load, difference: Difference) -> Iterator[str]:
    """What the load lacked: without late, doubled and rejected events and changed identities, a run proves little."""
    if not load.late:
        yield "no event was late"
    if not load.doubles:
        yield "no event was doubled"
    if not load.rejected:
        yield "no event had to be rejected"
    if not difference.moved:
        yield "no event stands with another customer than its own address: no identity has changed"


def strike_problems(fault: Fault, strikes: Iterable[Strike], watch: Watch) -> Iterator[str]:
    """Strikes without an effect, or without a recovery."""
    for number, strike in enumerate(strikes, 1):
        stall = watch.longest_stall(strike.began, strike.ended)
        if fault.stops_all and stall < STALL_SHARE * fault.duration:
            yield f"strike {number} stopped nothing: the longest stall is {stall:.0f} s"
        if watch.recovery(strike.ended) is None:
            yield f"nobody saw the recovery from strike {number}"


def worker_problems(fault: Fault, workers: Iterable[WorkerProcess], statuses: Iterable[int]) -> Iterator[str]:
    """Workers that ended by themselves, or did not stop cleanly when told to."""
    for worker in workers:
        if fault.spares_workers and worker.ends:
            yield f"worker {worker.index} ended of itself, with status {', '.join(map(str, worker.ends))}"
    yield from (f"a worker stopped with status {status}" for status in statuses if status not in STOPPED)
