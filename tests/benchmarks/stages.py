"""Each stage of the complete job alone, and all of them together, in one process and without a broker."""

import asyncio
import statistics
from collections.abc import Sequence
from typing import Final

from pipeline.adapters.clickhouse.inserting import insert
from pipeline.adapters.clickhouse.rows import blocks
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.events.record import Record
from pipeline.identity.mailbox import Mailbox
from pipeline.identity.messages import Message
from pipeline.identity.step import step
from pipeline.journeys.fold import fold
from pipeline.journeys.rules import Rules
from pipeline.mail.codec import pack, unpack
from tests.benchmarks.in_process import (
    CATALOGUE,
    MESSAGES,
    NOW,
    Nowhere,
    kafka_records,
    new_intake,
    new_stitcher,
    portions,
    posted,
    stitch,
    taken_in,
)
from tests.benchmarks.load import retail_records
from tests.benchmarks.measuring import Stopwatch
from tests.benchmarks.section import Bench, Plot, Row, Section
from tests.benchmarks.site import SETTINGS, Database, new_database, new_endpoint

KEYS_PER_LOAD: Final = 1_000
STAGES: Final = {
    "intake": "decode, validate, normalise, pseudonymise",
    "post": "make the first mail",
    "pack and unpack": "MessagePack, as the mail topic carries it",
    "step": "mailboxes, links and owners, until no mail is left",
    "fold": "every customer once: journeys and frictions",
    "stitch": "step, fold for every batch that touches a customer, and find what differs",
    "columns": "rows of all tables as columns",
    "insert": "into all tables",
    "load": "every customer and mailbox once, by 1,000",
    "together": "all of it, one after the other",
}
Times = dict[str, Stopwatch]


def measure(bench: Bench) -> list[Row]:
    """Measure every stage on the same events, once per run."""
    records = kafka_records(retail_records(bench.scale.stage_events))
    runs: list[Times] = []
    with new_endpoint() as endpoint:
        for number in range(bench.scale.runs):
            bench.say(f"run {number + 1} of {bench.scale.runs}")
            times = pure(records)
            with new_database(endpoint) as database:
                asyncio.run(_stored(records, times, database))
            with new_database(endpoint) as database:
                asyncio.run(_together(records, times, database))
            runs.append(times)
    return [_row(name, [times[name] for times in runs], len(records)) for name in STAGES]


def pure(records: Sequence[Record]) -> Times:
    """The stages that need no store."""
    times: Times = {}
    intake = new_intake()
    with _timed(times, "intake"):
        events = taken_in(intake, records)
    with _timed(times, "post"):
        messages = posted(events)
    with _timed(times, "pack and unpack"):
        for portion in portions(messages, MESSAGES):
            unpack(pack(portion))
    with _timed(times, "step"):
        boxes = _delivered(messages)
    rules = Rules.of(SETTINGS.journeys, SETTINGS.frictions)
    with _timed(times, "fold"):
        for name, box in boxes.items():
            if box.kept:
                fold(name, [touch.event for touch in box.kept.values()], NOW, CATALOGUE.touchpoints, rules)
    return times


def _delivered(messages: Sequence[Message]) -> dict[str, Mailbox]:
    boxes: dict[str, Mailbox] = {}
    while messages:
        outgoing: list[Message] = []
        for message in messages:
            box = boxes.get(message.at)
            if box is None:
                box = boxes[message.at] = Mailbox(message.at)
            outgoing += step(box, message, SETTINGS.identity)
        messages = outgoing
    return boxes


async def _stored(records: Sequence[Record], times: Times, database: Database) -> None:
    store = Nowhere()
    stitcher = await new_stitcher(store)
    messages = posted(taken_in(new_intake(), records))
    with _timed(times, "stitch"):
        await stitch(stitcher, messages)
    with _timed(times, "columns"):
        made = [blocks(changes, versions, CATALOGUE.touchpoints) for changes, versions in store.saved]
    with _timed(times, "insert", database.process_id):
        for batch in made:
            for block in batch:
                insert(database.client, block)
    keys = [entry.mailbox.identifier for entry in stitcher.cache]
    loading = ClickHouseStore(database.client, CATALOGUE.touchpoints)
    with _timed(times, "load", database.process_id):
        for portion in portions(keys, KEYS_PER_LOAD):
            await loading.load(portion)
    loading.close()


async def _together(records: Sequence[Record], times: Times, database: Database) -> None:
    store = ClickHouseStore(database.client, CATALOGUE.touchpoints)
    stitcher, intake = await new_stitcher(store), new_intake()
    with _timed(times, "together", database.process_id):
        messages = posted(taken_in(intake, records))
        await stitch(stitcher, [one for portion in portions(messages, MESSAGES) for one in unpack(pack(portion))])
    store.close()


def _timed(times: Times, name: str, other: int | None = None) -> Stopwatch:
    return times.setdefault(name, Stopwatch(other))


def _row(name: str, runs: Sequence[Stopwatch], events: int) -> Row:
    own, sink, wall = (
        statistics.median(values) / events * 1e6
        for values in zip(*((run.cpu_seconds, run.other_cpu_seconds, run.seconds) for run in runs), strict=True)
    )
    return (name, STAGES[name], own, sink or None, wall)


SECTION: Final = Section(
    key="stages",
    title="The stages alone and together",
    method=f"""
        In one process, without broker and workers, over simulated events; CPU time per event that was sent, whatever a
        stage makes of it. `stitch` contains `step` and a `fold` per batch and customer; `together` contains everything
        but `load`, in batches of {MESSAGES:,} messages. What a worker costs beyond it is Faust, the transport, sending
        mail through the broker, and metrics.
    """,
    columns=("stage", "what it does", "CPU µs/event", "ClickHouse CPU µs/event", "wall µs/event"),
    measure=measure,
    plots=(
        Plot(
            kind="bars",
            x=("stage",),
            y=("CPU µs/event", "ClickHouse CPU µs/event"),
            label="CPU µs per event",
        ),
    ),
)
