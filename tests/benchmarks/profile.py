"""Where a worker's time goes, by stage and by function, sampled from outside while it does the complete job."""

import re
import signal
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from tests.benchmarks.load import retail_records
from tests.benchmarks.section import Bench, Plot, Row, Section
from tests.benchmarks.site import new_broker, new_database, new_endpoint
from tests.benchmarks.worker import Workers

SAMPLES_PER_SECOND: Final = 100
STOP_SECONDS: Final = 60
FUNCTIONS: Final = 20
STAGES: Final[dict[str, tuple[str, ...]]] = {
    "intake": ("pipeline/events/intake.py",),
    "post": ("pipeline/identity/posting.py",),
    "pack and unpack": ("pipeline/mail/",),
    "step": ("pipeline/identity/step.py",),
    "frictions": ("pipeline/frictions/",),
    "fold": ("pipeline/journeys/",),
    "stitch: find what differs": ("pipeline/stitching/",),
    "columns": ("clickhouse/rows.py", "clickhouse/touchpoints.py"),
    "insert": ("clickhouse/inserting.py",),
    "load": ("clickhouse/loading.py",),
    "ClickHouse, the rest": ("pipeline/adapters/clickhouse/",),
    "metrics": ("pipeline/adapters/metrics/",),
    "send": ("agents/courier.py", "aiokafka/producer/"),
    "fetch": ("agents/transport/", "aiokafka/"),
    "Faust": ("faust/", "mode/"),
    "event loop": ("asyncio/",),
}
"""The files of each stage. A sample counts for the stage of its innermost frame that belongs to one."""
OTHER: Final = "other"
WAITING: Final = (
    "_worker (concurrent/futures/thread.py",
    "select (selectors.py",
    "readinto (socket.py",
    "wait (threading.py",
)
"""Innermost frames of threads that wait, which the sampler cannot recognise on every kernel."""
Stacks = Counter[tuple[str, ...]]
"""How often each stack was seen; its frames begin with the outermost, as `function (file:line)`."""
_FRAME: Final = re.compile(r"^(.*) \((.*?)(?::\d+)?\)$")


def measure(bench: Bench) -> list[Row]:
    """Shares of the stages; the functions are kept for their own section."""
    spy = bench.python and bench.python.with_name("py-spy")
    if not spy or not spy.exists():
        bench.say("left out: there is no py-spy in the peers' environment")
        bench.kept[FUNCTIONS_SECTION.key] = []
        return []
    stacks, microseconds = _sampled(bench, spy)
    bench.kept[FUNCTIONS_SECTION.key] = _functions(stacks, microseconds)
    stages = Counter[str]()
    for stack, seen in stacks.items():
        stages[stage_of(stack)] += seen
    return _shares(stages, microseconds)


def stage_of(stack: tuple[str, ...]) -> str:
    """The stage that a stack was in."""
    for frame in reversed(stack):
        for stage, files in STAGES.items():
            if any(file in frame for file in files):
                return stage
    return OTHER


def stacks_of(raw: str) -> Stacks:
    """Read py-spy's raw format, `outermost;…;innermost seen` on each line, without stacks of waiting threads."""
    stacks: Stacks = Counter()
    for line in raw.splitlines():
        frames, _, seen = line.rpartition(" ")
        stack = tuple(frames.split(";"))
        if not any(frame in stack[-1] for frame in WAITING):
            stacks[stack] += int(seen)
    return stacks


def _sampled(bench: Bench, spy: Path) -> tuple[Stacks, float]:
    """Stacks of a worker at work, and its CPU time per event in microseconds."""
    records = retail_records(bench.scale.events)
    with (
        tempfile.TemporaryDirectory() as folder,
        new_endpoint() as endpoint,
        new_broker() as broker,
        new_database(endpoint) as database,
        Workers(broker, database) as workers,
    ):
        workers.warm_up(records)
        used = workers.cpu_seconds()
        raw = Path(folder) / "stacks"
        command = [str(spy), "record", "--pid", str(workers.process_ids[0]), "--format", "raw"]
        command += ["--rate", str(SAMPLES_PER_SECOND), "--function", "--output", str(raw)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            workers.wait_until_stored(len(records))
            used = workers.cpu_seconds() - used
            process.send_signal(signal.SIGINT)
            process.wait(STOP_SECONDS)
        return stacks_of(raw.read_text()), used / len(records) * 1e6


def _functions(stacks: Stacks, microseconds: float) -> list[Row]:
    """The functions in which most time is spent, without the functions they call."""
    innermost = Counter[str]()
    for stack, seen in stacks.items():
        innermost[_short(stack[-1])] += seen
    return _shares(innermost, microseconds)[:FUNCTIONS]


def _short(frame: str) -> str:
    """A frame without the folders that lead to the package."""
    found = _FRAME.match(frame)
    if not found:
        return frame
    name, path = found.groups()
    return f"`{name}` in {path.rpartition('site-packages/')[2].removeprefix(str(Path.cwd())).lstrip('/')}"


def _shares(seen: Counter[str], microseconds: float) -> list[Row]:
    total = seen.total()
    return [(name, 100 * times / total, microseconds * times / total) for name, times in seen.most_common()]


def functions(bench: Bench) -> list[Row]:
    """The functions that `measure` found."""
    if FUNCTIONS_SECTION.key not in bench.kept:
        measure(bench)
    return bench.kept.pop(FUNCTIONS_SECTION.key)


SECTION: Final = Section(
    key="profile",
    title="Where a worker's time goes",
    method="""
        One worker doing the complete job on filled topics, sampled from outside by py-spy, in all threads that do not
        wait for work, the network or time. A sample counts for the stage that was entered last; µs are its share of the
        worker's CPU time per event, sampling included.
    """,
    columns=("stage", "share, %", "CPU µs/event"),
    measure=measure,
    plots=(Plot(kind="bars", x=("stage",), y=("CPU µs/event",), label="CPU µs per event"),),
)
FUNCTIONS_SECTION: Final = Section(
    key="functions",
    title="The functions in which most time is spent",
    method="""
        The same samples by the innermost Python function; what it calls in C counts for it.
    """,
    columns=("function", "share, %", "CPU µs/event"),
    measure=functions,
)
