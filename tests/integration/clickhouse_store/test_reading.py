"""What workers read again and again reads a range of the primary key, and the views show the current truth."""

import re
from collections.abc import Mapping

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.chunks import CHUNK_BYTES, as_parameter, chunks
from pipeline.adapters.clickhouse.loading import LOAD, QUERIES
from pipeline.adapters.clickhouse.store import DUE, ClickHouseStore
from pipeline.stitching.changes import Changes, CustomerChanges, Wake
from tests.contract.samples import (
    NOON,
    at_customer,
    make_event,
    make_friction,
    make_journey,
    make_mailbox,
    make_touch,
)

pytestmark = pytest.mark.server


@pytest.fixture
async def filled(store: ClickHouseStore) -> None:
    names = [f"customer_id:{number:05}" for number in range(6_000)]
    customers = [
        CustomerChanges(
            name,
            3,
            {touch.event.key: touch for touch in (make_touch(make_event(1, address=name)),)},
            journeys=[make_journey(customer=name)],
            frictions=[make_friction(customer=name)],
        )
        for name in names
    ]
    wakes = [Wake(name, number % 4, NOON + number, False) for number, name in enumerate(names)]
    mailboxes = [make_mailbox(name) for name in names]
    await store.save(Changes(mailboxes, customers, wakes), dict.fromkeys(range(4), 1 << 40))


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("query", QUERIES)
def test_a_load_reads_only_its_granules(client: Client, query: str) -> None:
    selected, of = _granules(client, query, as_parameter(["customer_id:00007", "customer_id:03000", "email:x"]))
    assert of > 5
    assert selected <= 4 < of


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("query", [*QUERIES, LOAD])
def test_a_load_of_new_mailboxes_reads_nothing(client: Client, query: str) -> None:
    absent = [f"customer_id:{number:05}-" for number in range(0, 6_000, 600)]
    assert _granules(client, query, as_parameter(absent))[0] >= len(absent) / 2, "they lie between those that are there"
    estimated = client.query(f"EXPLAIN ESTIMATE {query}", parameters=as_parameter(absent)).result_rows
    assert sum(rows for _, _, _, rows, _ in estimated) == 0


@pytest.mark.usefixtures("filled")
def test_due_reads_only_the_range_that_is_due(client: Client) -> None:
    asked = {"partitions": [1, 2], "since": NOON, "until": NOON + 10, "limit": 500}
    selected, of = _granules(client, DUE, asked)
    assert selected <= 3 < of


async def test_the_views_have_every_column(client: Client, store: ClickHouseStore) -> None:
    touch = make_touch(journey_id=make_journey().journey_id)
    await store.save(at_customer(touch, journeys=[make_journey()], frictions=[make_friction()]), {3: 1 << 40})
    (touchpoint,) = client.query("SELECT * FROM touchpoints").named_results()
    event = make_event()
    assert {
        name: touchpoint[name] for name in ("event_id", "event_source", "type", "customer", "address", "source")
    } == {
        "event_id": event.id,
        "event_source": event.source,
        "type": event.type,
        "customer": "customer_id:42",
        "address": event.address,
        "source": "web",
    }
    assert [touchpoint[name] for name in ("touchpoint", "stage", "moment", "channel", "owner", "probe")] == [
        "checkout",
        "buy",
        "first",
        "app",
        "e-commerce",
        1,
    ]
    assert touchpoint["data"] == event.data.decode()
    assert touchpoint["event_key"] == event.key.hex()
    assert int(touchpoint["time"].timestamp() * 1000) == event.time
    assert touchpoint["received_at"] > touchpoint["time"]
    (journey,) = client.query("SELECT * FROM journeys").named_results()
    assert [journey[f"step_{name}"] for name in ("type", "touchpoint", "stage", "channel", "source")] == [
        [event.type],
        ["checkout"],
        ["buy"],
        ["app"],
        ["web"],
    ]
    assert (journey["step_event_id"], journey["step_event_source"]) == ([event.id], [event.source])
    assert [int(moment.timestamp() * 1000) for moment in journey["step_time"]] == [event.time]
    same = ("journey_id", "customer", "status", "outcome", "events", "sessions", "furthest_stage", "seconds_to_buy")
    money = ("order_value", "currency", "friction_score", "value_at_risk", "probe")
    for name in (*same, *money):
        assert journey[name] == getattr(make_journey(), name)
    at_risk = zip(journey["at_risk_currency"], journey["at_risk_amount"], strict=True)
    assert tuple(at_risk) == make_journey().at_risk
    (friction,) = client.query("SELECT * FROM frictions").named_results()
    expected = make_friction().friction
    for name in (
        "friction_id",
        "kind",
        "severity",
        "journey_id",
        "customer",
        "touchpoint",
        "owner",
        "channel",
        "probe",
    ):
        assert friction[name] == getattr(expected, name)
    assert (tuple(friction["evidence"]), tuple(friction["cause"])) == (expected.evidence, expected.cause)


async def test_the_views_show_nothing_withdrawn(client: Client, store: ClickHouseStore) -> None:
    changes = at_customer(make_touch(), journeys=[make_journey()], frictions=[make_friction()])
    gone = at_customer(
        gone=[make_event().key],
        journeys_gone=[make_journey().journey_id],
        frictions_gone=[make_friction().friction.friction_id],
    )
    for version, saved, rows in ((1, changes, 1), (1, changes, 1), (2, gone, 0), (1, changes, 0)):
        await store.save(saved, {3: version << 40})
        for view in ("touchpoints", "journeys", "frictions"):
            assert client.query(f"SELECT count() FROM {view}").result_rows == [(rows,)]


async def test_a_type_that_left_the_catalogue_is_other(client: Client, store: ClickHouseStore) -> None:
    await store.save(at_customer(make_touch(make_event(type="web.forgotten"))), {3: 1 << 40})
    row = client.query("SELECT touchpoint, stage, moment, owner, source FROM touchpoints").result_rows
    assert row == [("other", "use", "", "unassigned", "web")]


def test_chunks_are_bounded_and_whole() -> None:
    names = [f"email:{'ü' * (number % 300)}{number}" for number in range(2_000)]
    cut = list(chunks(names))
    assert [name for chunk in cut for name in chunk] == names
    assert all(len(as_parameter(chunk)["$names$"]) <= CHUNK_BYTES + 1 for chunk in cut)
    assert list(chunks(["x" * (2 * CHUNK_BYTES), "y"])) == [["x" * (2 * CHUNK_BYTES)], ["y"]]
    assert list(chunks([])) == []


def test_names_may_hold_whatever_ends_a_string_or_begins_a_parameter(client: Client) -> None:
    odd = [
        "a'b\\'c\"`",
        "$names$",
        "$names",
        "x$",
        "--",
        "/*",
        "\0\n\t",
        "{x:String} %s %(x)s",
        "ü; INTO OUTFILE 'x'",
        "",
    ]
    ((found,),) = client.query("SELECT JSONExtract($names$, 'Array(String)')", parameters=as_parameter(odd)).result_rows
    assert found == odd


@pytest.mark.parametrize("name", ["customer_id:$names$, 'x'", "customer_id:'; DROP TABLE x", "customer_id:\\"])
async def test_an_odd_mailbox_is_found_again(store: ClickHouseStore, name: str) -> None:
    await store.save(Changes([make_mailbox(name)]), {3: 1 << 40})
    assert list(await store.load(["email:x", name])) == [name]


def _granules(client: Client, query: str, parameters: Mapping[str, object]) -> tuple[int, int]:
    """Granules that the primary key selects, and all granules of the table."""
    plan = "\n".join(
        row[0] for row in client.query(f"EXPLAIN indexes = 1 {query}", parameters=dict(parameters)).result_rows
    )
    found = re.search(r"PrimaryKey.*?Granules: (\d+)/(\d+)", plan, re.DOTALL)
    assert found is not None, plan
    return int(found[1]), int(found[2])
