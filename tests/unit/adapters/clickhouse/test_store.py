"""The order in which a save reaches the tables."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.claims import require_claims
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.adapters.clickhouse.tables import MAILBOXES, TOUCHPOINTS, WAKES, Block
from pipeline.stitching.changes import Changes, CustomerChanges, Wake
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
    await store.save(Changes([make_mailbox()], [customer], [wake]), {3: 1 << 40})
    store.close()
    assert store.did == [require_claims, [TOUCHPOINTS], require_claims, [MAILBOXES], [WAKES]]
