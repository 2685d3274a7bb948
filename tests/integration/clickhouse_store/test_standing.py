"""What stands open, as the views have it."""

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.standing import standing
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.stitching.changes import DetectedFriction
from tests.contract.samples import at_customer, make_friction, make_journey

pytestmark = pytest.mark.server


async def test_open_journeys_and_their_value_at_the_worst_friction(client: Client, store: ClickHouseStore) -> None:
    journey = msgspec.structs.replace(make_journey(), probe=False)
    smooth = msgspec.structs.replace(journey, journey_id="b" * 32, furthest_stage="receive", at_risk=())  # as before
    closed = msgspec.structs.replace(journey, journey_id="c" * 32, status="closed")
    probe = msgspec.structs.replace(journey, journey_id="d" * 32, probe=True)
    detected = make_friction()
    friction = msgspec.structs.replace(
        detected.friction, journey_id=journey.journey_id, touchpoint="payment", probe=False
    )
    slight = msgspec.structs.replace(friction, friction_id="e" * 32, touchpoint="website", severity=1)
    rows = [DetectedFriction(friction, 0), DetectedFriction(slight, 0)]
    await store.save(at_customer(journeys=[journey, smooth, closed, probe], frictions=rows), {3: 1 << 40})
    found = standing(client)
    assert found.open_journeys == {"buy": 1, "receive": 1}
    assert found.at_risk == {("payment", "EUR"): 12.25, ("payment", "USD"): 3.0, ("checkout", "EUR"): 12.25}


async def test_nothing_stands_open_in_an_empty_store(client: Client) -> None:
    assert standing(client) == ({}, {})
