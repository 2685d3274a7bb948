"""The offline answer: what the views must show, computed in this process from the set of events, and the comparison."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

import orjson

from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.clickhouse.migrate import MigrationSettings, migrate
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.dead_letter import Reason
from pipeline.identity.mailbox import Mailbox
from pipeline.identity.timeline import is_shared, timeline
from pipeline.journeys.fold import fold
from pipeline.journeys.rules import Rules
from pipeline.stitching.changes import Changes, CustomerChanges, DetectedFriction, MailboxRow, StoredTouch
from pipeline.stitching.store import EPOCH_SHIFT
from tests.chaos.differing import differing_rows
from tests.end_to_end.events import Event
from tests.offline import POLICY, accept, deliver

DATABASE: Final = "touchline"
ANSWER: Final = "answer"
ANSWER_SECONDS: Final = 900
"""How long a query over all rows may take."""
CUSTOMERS_AT_ONCE: Final = 500
REJECTED_FOR: Final = Reason.NO_IDENTIFIER
"""The reason for which the load's rejections are rejected; a letter for any other reason is a wrong row."""


class Difference(NamedTuple):
    """How the tables differ from the answer. They are right if `lost`, `doubled` and `wrong` are 0."""

    lost: int
    """Events that are in no table."""
    doubled: int
    """Events that are in a table more than once."""
    wrong: int
    """Rows of the views that are missing, too many or different."""
    first: str
    """The first wrong row; empty if there is none."""
    moved: int
    """Touchpoints whose customer is not their own address; if there are none, no identity has changed."""


class Tables(NamedTuple):
    """What is compared."""

    stored: Counter[tuple[str, str]]
    """How often each source and id occurs in `touchpoints`."""
    letters: Counter[tuple[str, str]]
    """How often each reason and id occurs in `dead_letters`."""
    moved: int


def compare(url: str, accepted: Sequence[bytes], rejected: Sequence[bytes], now: int, secret: bytes) -> Difference:
    """Compare the tables of the server at `url` with the offline answer for these events, given as JSON."""
    found = _read(url)
    keys = Counter((str(event["source"]), str(event["id"])) for event in map(orjson.loads, accepted))
    letters = Counter((REJECTED_FOR.value, _id_of(payload)) for payload in rejected)
    write_answer(url, ANSWER, map(orjson.loads, accepted), now, secret)
    wrong = [
        *_wrong_rows(url),
        *(f"dead_letters has {letter}" for letter in found.letters.keys() - letters.keys()),
    ]
    return Difference(
        lost=(keys - found.stored).total() + (letters - found.letters).total(),
        doubled=_doubled(found.stored) + _doubled(found.letters),
        wrong=len(wrong),
        first=wrong[0] if wrong else "",
        moved=found.moved,
    )


def _read(url: str) -> Tables:
    client = connect(url, database=DATABASE, timeout_seconds=ANSWER_SECONDS)
    try:
        rows = client.query("SELECT event_source, event_id FROM touchpoints").result_rows
        letters = client.query("SELECT reason, payload FROM dead_letters").result_rows
        ((moved,),) = client.query("SELECT countIf(customer != address) FROM touchpoints").result_rows
        return Tables(
            Counter((str(source), str(identifier)) for source, identifier in rows),
            Counter((str(reason), _id_of(payload)) for reason, payload in letters),
            int(moved),
        )
    finally:
        client.close()


def _doubled(found: Counter[tuple[str, str]] | Counter[str]) -> int:
    return sum(count - 1 for count in found.values())


def _id_of(payload: str | bytes) -> str:
    """The id of the event in a letter; the payload itself if it has none, which should not happen."""
    try:
        return str(orjson.loads(payload)["id"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return str(payload)


def _wrong_rows(url: str) -> list[str]:
    client = connect(url, database="default", timeout_seconds=ANSWER_SECONDS)
    try:
        return list(differing_rows(client, DATABASE, ANSWER))
    finally:
        client.close()


def write_answer(url: str, database: str, accepted: Iterable[Event], now: int, secret: bytes) -> None:
    """Compute the rows offline and write them into a separate database."""
    client = connect(url, database="default")
    client.command(f"DROP DATABASE IF EXISTS {database}")
    migrate(client, MigrationSettings(database=database))
    client.close()
    client = connect(url, database=database)
    catalogue = Catalogue.load(schema_directories()).touchpoints
    store = ClickHouseStore(client, catalogue)
    try:
        asyncio.run(_save(store, deliver(accept(accepted, now, secret)), catalogue, now))
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
