"""One run: a fault strikes under load, and the tables are compared afterwards."""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Final

import msgspec

from tests.chaos.answer import compare
from tests.chaos.checks import Strike, load_problems, strike_problems, worker_problems
from tests.chaos.fault import Fault
from tests.chaos.load import Load, disordered, retailer
from tests.chaos.memory import Memory
from tests.chaos.report import Outcome
from tests.chaos.site import SECRET, Site
from tests.chaos.watch import Watch
from tests.chaos.workers import WorkerProcess

WARM_EVENTS: Final = 500
WARM_SECONDS: Final = 120.0
AFTER_SECONDS: Final = 10.0
"""How long the load goes on after the last strike."""
SETTLE_SECONDS: Final = 900.0
DAYS: Final = 60
PROGRESS_SECONDS: Final = 120.0
"""How long the brokers may take after the last strike to acknowledge more."""

log = logging.getLogger(__name__)

Say = Callable[[str], None]


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """How large a run is."""

    brokers: int = 3
    workers: int = 2
    seed: int = 1


def run(fault: Fault, directory: Path, scale: Scale, say: Say) -> Outcome:
    """Run one fault on a new cluster."""
    if reason := fault.why_not():
        return Outcome(name=fault.name, summary=fault.summary, skipped=reason)
    say(f"{fault.name}: starting {scale.brokers} brokers, ClickHouse and {scale.workers} workers")
    try:
        with fault.site(directory, scale.brokers, scale.workers) as site:
            return _under_load(fault, site, scale, say)
    except Exception as error:  # any failure is reported, and the next fault is tried
        log.exception("%s is broken off", fault.name)
        return Outcome(name=fault.name, summary=fault.summary, broken_off=str(error) or type(error).__name__)


def _under_load(fault: Fault, site: Site, scale: Scale, say: Say) -> Outcome:
    chance = Random(f"{fault.name} {scale.seed}")
    sendings = disordered(retailer(scale.seed, fault.people, DAYS), chance)
    load = Load(site.cluster.servers, sendings, lambda: fault.per_second)

    def sent() -> int:
        return load.acknowledged + len(fault.sent)

    with Watch(site.url, sent, fault.looks_every) as watch, Memory(site.processes) as memory:
        began = time.monotonic()
        load.start()
        assert watch.sees(WARM_EVENTS, WARM_SECONDS), f"only {watch.stored} events are stored before the first strike"
        strikes = [_strike(fault, site, chance, number, load, say) for number in range(fault.strikes)]
        time.sleep(AFTER_SECONDS)
        load.require_progress(PROGRESS_SECONDS)
        load.finish(SETTLE_SECONDS)
        lasted = time.monotonic() - began
        say(f"{fault.name}: {sent()} events sent, waiting until they are stored")
        site.settle(SETTLE_SECONDS)
    say(f"{fault.name}: comparing")
    now = time.time_ns() // 1_000_000
    difference = compare(site.clickhouse.url, load.accepted + fault.sent, load.rejected, now, SECRET.encode())
    statuses = _stopped([worker for worker in site.workers if worker.kept])
    problems = (
        *fault.problems(watch, memory),
        *load_problems(load, difference),
        *strike_problems(fault, strikes, watch),
        *worker_problems(fault, site.workers, statuses),
    )
    return Outcome(
        name=fault.name,
        summary=fault.summary,
        strikes=fault.strikes,
        seconds=round(lasted, 1),
        sent=sent(),
        rejected=len(load.rejected),
        doubles=load.doubles,
        late=load.late,
        moved=difference.moved,
        lost=difference.lost,
        doubled=difference.doubled,
        wrong=difference.wrong,
        first_wrong=difference.first,
        longest_stall=round(watch.longest_stall(), 1),
        recoveries=tuple(watch.recovery(strike.ended) for strike in strikes),
        worker_starts=sum(worker.starts for worker in site.workers),
        worker_ends=tuple(status for worker in site.workers for status in worker.ends),
        memory={name: round(memory.most(name), 1) for name in sorted({process.name for process in memory.looks()})},
        notes=fault.notes(),
        problems=problems,
    )


def _stopped(workers: Sequence[WorkerProcess]) -> list[int]:
    """Stop workers once all of them are ready again; returns their exit statuses."""
    for worker in workers:
        worker.wait_until_ready()
    return [worker.stop() for worker in workers]


def _strike(fault: Fault, site: Site, chance: Random, number: int, load: Load, say: Say) -> Strike:
    time.sleep(fault.rest(chance))
    load.require_more()
    say(f"{fault.name}: strike {number + 1} of {fault.strikes}, {load.acknowledged} events sent")
    began = time.monotonic()
    fault.strike(site, chance, number)
    return Strike(began, time.monotonic())
