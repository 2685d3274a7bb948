"""The offline answer: what the views must show, computed in this process from the set of events, and the comparison."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

import orjson

from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.clickhouse.migrate import MigrationSettings, migrate
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.identity.mailbox import Mailbox
from pipeline.identity.timeline import is_shared, timeline
from pipeline.journeys.fold import fold
from pipeline.journeys.rules import Rules
from pipeline.stitching.changes import Changes, CustomerChanges, DetectedFriction, MailboxRow, StoredTouch
from pipeline.stitching.store import EPOCH_SHIFT
from tests.end_to_end.events import Event
from tests.end_to_end.views import Views, views_of
from tests.offline import POLICY, accept, deliver

DATABASE: Final = "touchline"
ANSWER: Final = "answer"
CUSTOMERS_AT_ONCE: Final = 500


class Difference(NamedTuple):
    """How the tables differ from the answer; all zero is right."""

    lost: int
    """Events that are in no table."""
    doubled: int
    """Events that are in a table more than once."""
    wrong: int
    """Rows of the views that are missing, too many or different."""
    first: str
    """The first wrong row; empty if there is none."""


def compare(url: str, accepted: Sequence[Event], rejected: Sequence[Event], now: int, secret: bytes) -> Difference:
    """Compare the tables of the server at `url` with the offline answer for these events."""
    client = connect(url, database=DATABASE)
    try:
        keys = [(str(event["source"]), str(event["id"])) for event in accepted]
        rows = client.query("SELECT event_source, event_id FROM touchpoints").result_rows
        stored = Counter((str(source), str(identifier)) for source, identifier in rows)
        letters = Counter(
            _id_of(payload) for (payload,) in client.query("SELECT payload FROM dead_letters").result_rows
        )
        found = views_of(client)
    finally:
        client.close()
    expected = write_answer(url, ANSWER, accepted, now, secret)
    wrong = list(_wrong_rows(found, expected))
    return Difference(
        lost=(Counter(keys) - stored).total() + (Counter(event["id"] for event in rejected) - letters).total(),
        doubled=_doubled(stored) + _doubled(letters),
        wrong=len(wrong) + len(letters.keys() - {event["id"] for event in rejected}),
        first=wrong[0] if wrong else "",
    )


def _doubled(found: Counter[tuple[str, str]] | Counter[str]) -> int:
    return sum(count - 1 for count in found.values())


def _id_of(payload: str) -> str:
    return str(orjson.loads(payload)["id"])


def _wrong_rows(found: Views, expected: Views) -> Iterator[str]:
    for view in expected:
        ours, theirs = Counter(found[view]), Counter(expected[view])
        yield from (f"{view} has {row}" for row in (ours - theirs).elements())
        yield from (f"{view} lacks {row}" for row in (theirs - ours).elements())


def write_answer(url: str, database: str, accepted: Sequence[Event], now: int, secret: bytes) -> Views:
    """Write the rows that an offline computation comes to into a database of their own; returns its views."""
    client = connect(url, database="default")
    client.command(f"DROP DATABASE IF EXISTS {database}")
    migrate(client, MigrationSettings(database=database))
    client.close()
    client = connect(url, database=database)
    catalogue = Catalogue.load(schema_directories()).touchpoints
    store = ClickHouseStore(client, catalogue)
    try:
        asyncio.run(_save(store, deliver(accept(accepted, now, secret)), catalogue, now))
        return views_of(client)
    finally:
        store.close()
        client.close()


async def _save(
    store: ClickHouseStore, boxes: dict[str, Mailbox], catalogue: Mapping[str, Touchpoint], now: int
) -> None:
    version = (await store.claim([0]))[0] << EPOCH_SHIFT
    rules = Rules.of()
    waiting = iter(boxes.values())
    while some := list(islice(waiting, CUSTOMERS_AT_ONCE)):
        version += 1
        customers = [_folded(box, catalogue, rules, now) for box in some if box.kept]
        await store.save(Changes([_row(box) for box in some], customers), {0: version})


def _row(box: Mailbox) -> MailboxRow:
    return MailboxRow(box.identifier, 0, b"", timeline(box, POLICY), is_shared(box, POLICY))


def _folded(box: Mailbox, catalogue: Mapping[str, Touchpoint], rules: Rules, now: int) -> CustomerChanges:
    events = [touch.event for touch in box.kept.values()]
    folded = fold(box.identifier, events, now, catalogue, rules)
    journey_of = folded.membership
    touches = {
        key: StoredTouch(touch.event, touch.as_of, touch.route, journey_of[key]) for key, touch in box.kept.items()
    }
    frictions = [DetectedFriction(friction, now) for friction in folded.frictions]
    return CustomerChanges(box.identifier, 0, touches=touches, journeys=folded.journeys, frictions=frictions)
