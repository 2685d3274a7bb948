"""The order in which a save reaches the tables, and what is told of questions that fail."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, cast

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import OperationalError

from pipeline.adapters.clickhouse.claims import require_claims
from pipeline.adapters.clickhouse.dead_letters import ClickHouseDeadLetters
from pipeline.adapters.clickhouse.register import ClickHouseRegister
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.adapters.clickhouse.tables import COUNTED, MAILBOXES, TOUCHPOINTS, WAKES, Block
from pipeline.events.dead_letter import NO_POSITION, DeadLetter, Reason
from pipeline.stitching.changes import Changes, CustomerChanges, Wake
from pipeline.stitching.store import StoreUnavailableError
from tests.contract.samples import make_mailbox, make_touch


class Recorded(ClickHouseStore):
    """Writes down what it would do."""

    def __init__(self) -> None:
        super().__init__(cast(Client, None), {})
        self.did: list[object] = []

    async def _insert(self, blocks: Sequence[Block]) -> None:
        self.did.append([block.table for block in blocks])

    async def _run(self, call: Callable[..., Any], *_: object, **__: object) -> Any:
        self.did.append(call)


async def test_touchpoints_come_first_wakes_last_and_the_claim_is_checked_before_both_halves() -> None:
    store = Recorded()
    touch = make_touch()
    customer = CustomerChanges("customer_id:42", 3, touches={touch.event.key: touch})
    wake = Wake("customer_id:42", 3, 1, done=True)
    await store.save(Changes([make_mailbox()], [customer], [wake], {"friction 1": 1}), {3: 1 << 40})
    store.close()
    assert store.did == [require_claims, [TOUCHPOINTS], require_claims, [MAILBOXES, COUNTED], [WAKES]]


async def test_wakes_do_not_wait_if_none_is_taken_back() -> None:
    store = Recorded()
    await store.save(Changes([make_mailbox()], [], [Wake("customer_id:42", 3, 1, done=False)]), {3: 1 << 40})
    store.close()
    assert store.did == [require_claims, [], require_claims, [MAILBOXES, WAKES], []]


class Away:
    """A server that answers nothing."""

    def query(self, *_: object, **__: object) -> None:
        raise OperationalError("connection refused")


class Told:
    """A sink that writes down of which tables something failed."""

    def __init__(self) -> None:
        self.failed: set[str] = set()

    def sink_saved(self, table: str, rows: int, seconds: float) -> None:
        raise AssertionError(table)

    def sink_failed(self, table: str) -> None:
        self.failed.add(table)


AWAY: Final = cast(Client, Away())
LETTER: Final = DeadLetter(
    topic="touchpoints.web",
    partition=NO_POSITION,
    offset=7,
    index=0,
    received_at=1,
    reason=Reason.REFUSED_BY_STORE,
    detail="",
    type="web.clicked",
    payload=b"{}",
)


@pytest.mark.parametrize(
    ("tables", "ask"),
    [
        ({"claim_rows"}, lambda store: store.claim([1])),
        ({"mailbox_rows"}, lambda store: store.load(["customer_id:42"])),
        ({"claim_rows"}, lambda store: store.save(Changes([make_mailbox()]), {3: 1})),
        ({"wake_rows"}, lambda store: store.due([1], 2, 3)),
    ],
    ids=["claim", "load", "save", "due"],
)
async def test_a_question_that_fails_is_told(
    tables: set[str], ask: Callable[[ClickHouseStore], Awaitable[object]]
) -> None:
    told = Told()
    store = ClickHouseStore(AWAY, {}, threads=1, sink=told)
    with pytest.raises(StoreUnavailableError):
        await ask(store)
    store.close()  # the queries of a load fail side by side: all have now
    await asyncio.sleep(0.1)
    assert told.failed == tables


async def test_a_question_about_dead_letters_or_what_was_counted_that_fails_is_told() -> None:
    told = Told()
    with pytest.raises(StoreUnavailableError):
        await ClickHouseDeadLetters(AWAY, told).save([LETTER])
    with pytest.raises(StoreUnavailableError):
        await ClickHouseRegister(AWAY, told).standing(["0" * 32])
    with pytest.raises(StoreUnavailableError):
        await ClickHouseRegister(AWAY, told).won({"friction 1": 1})
    assert told.failed == {"dead_letter_rows", "friction_rows", "counted_rows"}
