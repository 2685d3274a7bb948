"""A user's first quarter of an hour: start, send, look, stop, and start again."""

from collections.abc import Iterator

import orjson
import pytest
from kafka import KafkaConsumer, TopicPartition

from pipeline.catalogue.topics import MAIL_TOPIC
from pipeline.mail.ahead import read_tenure
from tests.end_to_end.events import event
from tests.servers.fixtures import new_kafka
from tests.servers.processes import is_running
from tests.servers.stack import StackProcess

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

ANNA = {"customer_id": "42"}
EVENTS = [
    event("web.page_viewed", "phone-1", "2026-02-28T20:00:00Z", {"anonymous_id": "phone"}, url="/deals"),
    event("web.page_viewed", "laptop-1", "2026-03-01T10:00:00Z", {"anonymous_id": "laptop"}, url="/p/9"),
    event("web.signed_in", "laptop-2", "2026-03-01T10:02:00Z", {"anonymous_id": "laptop", **ANNA}),
    event(
        "web.order_placed",
        "order-1",
        "2026-03-01T10:10:00Z",
        {"order_id": "o-1", **ANNA},
        amount=25.5,
        currency="EUR",
        promised_at="2026-03-04",
    ),
    event("delivery.handed_over", "parcel-1", "2026-03-02T08:00:00Z", {"order_id": "o-1"}),
    event("delivery.delivered", "parcel-2", "2026-03-06T09:00:00Z", {"order_id": "o-1"}),
    event("web.page_viewed", "nobody", "2026-03-06T09:00:00Z", {"anonymous_id": "undefined"}, url="/"),
]
"""Anna looks around on two devices, signs in on one of them, orders, and gets it late; one event names nobody."""
LATE_LINK = event("web.signed_in", "phone-2", "2026-03-07T20:00:00Z", {"anonymous_id": "phone", **ANNA})
OF_ANNA = {"laptop-1", "laptop-2", "order-1", "parcel-1", "parcel-2"}


@pytest.fixture(scope="module", params=["embedded", pytest.param("kafka", marks=pytest.mark.slow)])
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Bootstrap servers of an Apache Kafka of its own, or none for the embedded broker."""
    if request.param == "embedded":
        yield []
        return
    with new_kafka(tmp_path_factory.mktemp("smoke-kafka") / "cluster") as cluster:
        yield cluster.servers


@pytest.fixture(scope="module")
def stack(broker: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """A stack that has the events, sent as a user would."""
    with StackProcess(tmp_path_factory.mktemp("smoke") / "data", broker=broker) as process:
        lines = b"\n".join(orjson.dumps(one) for one in EVENTS)
        process.done("emit", given=lines)
        process.done("settle")
        yield process


def test_query_reads_what_was_stitched(stack: StackProcess) -> None:
    found = stack.touchline(
        *("query", "SELECT customer, outcome, order_value FROM journeys WHERE has(step_type, 'web.order_placed')"),
        *("--format", "csv"),
    )
    assert found.stdout.decode().splitlines()[1:] == ['"customer_id:42","converted",25.5']


def test_journey_shows_the_timeline_with_its_friction(stack: StackProcess) -> None:
    shown = stack.touchline("journey", "order_id:o-1").stdout.decode()
    assert "25.50 EUR" in shown
    assert "10:02:00" in shown
    assert "late" in shown


def test_why_explains_the_identity(stack: StackProcess) -> None:
    shown = stack.touchline("why", "anonymous_id:laptop", "order_id:o-1").stdout.decode()
    assert shown.startswith("Yes: anonymous_id:laptop and order_id:o-1 are one customer, customer_id:42.")


def test_status_knows_every_part(stack: StackProcess) -> None:
    status = stack.status()
    assert status["healthy"] is True
    assert len(status["workers"]) == 1
    assert sum(lag["end"] > lag["committed"] for lag in status["lag"]) == 0
    assert {source["source"] for source in status["sources"]} == {"web", "delivery"}
    assert status["dead_letters"] == {"no_identifier": 1}


def test_analysts_cannot_write(stack: StackProcess) -> None:
    refused = stack.touchline("query", "INSERT INTO touchpoint_rows (event_id) VALUES ('x')")
    assert refused.returncode == 1
    assert stack.rows("SELECT count() FROM touchpoint_rows WHERE event_id = 'x'") == [(0,)]


def test_it_stops_at_ctrl_c_and_finds_every_mailbox_again(stack: StackProcess, broker: list[str]) -> None:
    before = everything(stack)
    parts = stack.process_ids()
    assert len(parts) >= (3 if broker else 5), "touchline, ClickHouse endpoint, worker; embedded broker and gate"
    assert stack.stop() == 0, stack.output()
    assert [part for part in parts if is_running(part)] == []

    stack.start()
    assert everything(stack) == before
    assert events_of(stack, "customer_id:42") >= OF_ANNA
    stack.send([LATE_LINK])
    stack.settle()
    assert events_of(stack, "customer_id:42") == OF_ANNA | {"phone-1", "phone-2"}
    assert events_of(stack, "anonymous_id:phone") == set()


def test_what_a_link_hands_over_is_stored_once_and_in_the_broker_for_the_next_owner(stack: StackProcess) -> None:
    """The mail is in the topic, marked; whether a device's touches go ahead depends on what a group catches."""
    for number in range(20):
        device = {"anonymous_id": f"tablet-{number}"}
        times = [f"2026-03-08T10:0{minute}:00Z" for minute in range(5)]
        visits = [event("web.page_viewed", f"{number}-{time}", time, device, url="/") for time in times]
        link = event("web.signed_in", f"{number}-in", "2026-03-08T10:05:00Z", {**device, "customer_id": f"t-{number}"})
        stack.send([*visits, link])
        stack.settle()
        assert len(events_of(stack, f"customer_id:t-{number}")) == len(visits) + 1
        assert events_of(stack, f"anonymous_id:tablet-{number}") == set()
        if any(tenures_of_mail(stack)):
            return
    raise AssertionError("nothing went ahead")


def tenures_of_mail(stack: StackProcess) -> list[int | None]:
    """What the records in the mail topic are marked with."""
    consumer = KafkaConsumer(bootstrap_servers=stack.servers, group_id=None, auto_offset_reset="earliest")
    try:
        consumer.assign([TopicPartition(MAIL_TOPIC, number) for number in consumer.partitions_for_topic(MAIL_TOPIC)])
        found = []
        while records := consumer.poll(2_000):
            found += [read_tenure(record.headers) for some in records.values() for record in some]
        return found
    finally:
        consumer.close()


def everything(stack: StackProcess) -> list[object]:
    """Every row of every view."""
    views = ("touchpoints", "journeys", "frictions", "identities", "dead_letters")
    return [list(stack.rows(f"SELECT * FROM {view} ORDER BY ALL")) for view in views]


def events_of(stack: StackProcess, customer: str) -> set[str]:
    """The ids of a customer's events."""
    found = stack.rows("SELECT event_id FROM touchpoints WHERE customer = %(customer)s", {"customer": customer})
    return {row[0] for row in found}
