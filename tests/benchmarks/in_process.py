"""The pipeline's steps in this process, without a broker, for sections that measure them alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.events.event import Event
from pipeline.events.intake import Intake
from pipeline.events.record import Record
from pipeline.identity.messages import Message
from pipeline.identity.posting import post
from pipeline.journeys.rules import Rules
from pipeline.mail.partition import partition_of
from pipeline.stitching.changes import Changes, Wake
from pipeline.stitching.stitcher import Stitcher
from pipeline.stitching.store import Store, StoredMailbox
from tests.benchmarks.load import DAY, START
from tests.benchmarks.load import Record as RawRecord
from tests.benchmarks.site import SETTINGS

T = TypeVar("T")

CATALOGUE: Final = Catalogue.load(schema_directories())
PARTITIONS: Final = SETTINGS.topics.mail_partitions
NOW: Final = START + 3 * DAY
"""The clock, after all events of the load."""
MESSAGES: Final = 10_000
"""How many messages are stitched at once: about as many as a busy worker collects."""


class Nowhere:
    """A store that accepts everything and holds nothing."""

    def __init__(self) -> None:
        self.saved: list[tuple[Changes, Mapping[int, int]]] = []

    async def claim(self, partitions: Iterable[int]) -> Mapping[int, int]:
        """See `Store.claim`."""
        return dict.fromkeys(partitions, 1)

    async def load(self, identifiers: Sequence[str]) -> Mapping[str, StoredMailbox]:
        """See `Store.load`."""
        return {}

    async def save(self, changes: Changes, versions: Mapping[int, int]) -> None:
        """See `Store.save`."""
        self.saved.append((changes, dict(versions)))

    async def ask(self, wakes: Sequence[Wake], versions: Mapping[int, int]) -> None:
        """See `Store.ask`."""

    async def due(self, partitions: Iterable[int], until: int, limit: int, since: int = 0) -> Sequence[tuple[str, int]]:
        """See `Store.due`."""
        return []


def new_intake() -> Intake:
    """An intake as workers have it."""
    return Intake(CATALOGUE, SETTINGS.identity, SETTINGS.intake, b"the benchmark's secret")


def kafka_records(records: Iterable[RawRecord]) -> list[Record]:
    """Records as the transport delivers them."""
    return [Record(topic, 0, offset, NOW, value) for offset, (topic, value) in enumerate(records)]


def taken_in(intake: Intake, records: Iterable[Record]) -> list[Event]:
    """The accepted events; none may be rejected."""
    events = []
    for record in records:
        (outcome,) = intake.take(record, NOW)
        assert isinstance(outcome, Event), outcome
        events.append(outcome)
    return events


def posted(events: Iterable[Event]) -> list[Message]:
    """The first mail about events."""
    messages: list[Message] = []
    for event in events:
        messages += post(event, SETTINGS.identity)
    return messages


async def new_stitcher(store: Store) -> Stitcher:
    """A stitcher with all partitions and an empty cache."""
    rules = Rules.of(SETTINGS.journeys, SETTINGS.frictions)
    stitcher = Stitcher(store, CATALOGUE.touchpoints, SETTINGS.identity, rules, PARTITIONS)
    await stitcher.assign(range(PARTITIONS))
    return stitcher


async def stitch(stitcher: Stitcher, messages: Sequence[Message]) -> None:
    """Process and save mail in portions, then the mail that results from it, until there is no more."""
    while messages:
        outgoing: list[Message] = []
        for portion in portions(messages, MESSAGES):
            batch = await stitcher.process(by_partition(portion), NOW)
            await stitcher.save(batch)
            outgoing += batch.outgoing
        messages = outgoing


def by_partition(messages: Iterable[Message]) -> dict[int, list[Message]]:
    """Mail by the partition of its address."""
    sorted_out: dict[int, list[Message]] = {}
    for message in messages:
        sorted_out.setdefault(partition_of(message.at, PARTITIONS), []).append(message)
    return sorted_out


def portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a sequence into portions."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
