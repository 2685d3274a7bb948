from collections.abc import Sequence

import pytest

from agents import patience
from agents.courier import Courier
from agents.ingest.path import EVENTS_AT_A_STRETCH, LETTERS_AT_ONCE, IngestPath
from agents.rejections import Rejections
from agents.transport.batch import RecordBatch
from pipeline.adapters.metrics import Metrics
from pipeline.catalogue.topics import DEAD_LETTER_TOPIC, MAIL_TOPIC
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.dead_letter import DeadLetter, Reason
from pipeline.events.event import Event
from pipeline.events.record import Record
from pipeline.identity.messages import Link, Touch
from pipeline.identity.policy import IdentityPolicy
from pipeline.stitching.store import StoreUnavailableError
from tests.unit.agents.outbox import Outbox

NOW = 1_772_000_000_000
MAIL_PARTITIONS = 8
CATALOGUE = {"web.clicked": Touchpoint("web.clicked", "website", "discover", "", "web", "digital")}


class SpacedIntake:
    """Every word of a record is an event with that id; a record that is empty is rejected."""

    def take(self, record: Record, now: int) -> list[Event | DeadLetter]:
        if not record.value:
            return [rejection(record, now)]
        return [event(word, now) for word in record.value.decode().split()]


class Drawer:
    """Keeps dead letters; fails as often as it was told to."""

    def __init__(self, outages: int = 0) -> None:
        self.letters: list[DeadLetter] = []
        self.most_at_once = 0
        self._outages = outages

    async def save(self, letters: Sequence[DeadLetter]) -> None:
        self.most_at_once = max(self.most_at_once, len(letters))
        if self._outages:
            self._outages -= 1
            raise StoreUnavailableError("away")
        self.letters += letters


def event(event_id: str, now: int) -> Event:
    identifiers = (f"customer_id:{event_id}", f"device_id:{event_id}")
    return Event("/shop", event_id, "web.clicked", now - 1, now, identifiers, "web", False, 1, b"{}")


def rejection(record: Record, now: int) -> DeadLetter:
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        index=0,
        received_at=now,
        reason=Reason.NOT_JSON,
        detail="nothing",
        type="",
        payload=record.value,
    )


def batch(*values: bytes) -> RecordBatch:
    records = [Record("touchpoints.web", 0, offset, NOW, value) for offset, value in enumerate(values)]
    return RecordBatch(records, 0, len(records), 1)


def path(outbox: Outbox, drawer: Drawer) -> tuple[IngestPath, Metrics]:
    metrics = Metrics(CATALOGUE, ["customer_id"])
    courier = Courier(outbox.send, MAIL_PARTITIONS, 100_000)
    rejections = Rejections(drawer, courier, metrics)
    return IngestPath(SpacedIntake(), IdentityPolicy(), courier, rejections, metrics, lambda: NOW), metrics


async def test_every_event_of_a_batch_is_posted() -> None:
    outbox = Outbox()
    ingest, metrics = path(outbox, Drawer())
    assert await ingest.take([batch(b"1 2", b"3")])
    mail = outbox.mail()
    assert sorted(message.at for message in mail if isinstance(message, Touch)) == [f"customer_id:{n}" for n in "123"]
    assert sorted(message.at for message in mail if isinstance(message, Link)) == [f"device_id:{n}" for n in "123"]
    assert b'touchline_events_total{source="web",type="web.clicked"} 3.0' in metrics.exposition()[0]


async def test_batches_that_wait_together_share_their_records_of_mail() -> None:
    outbox = Outbox()
    ingest, _ = path(outbox, Drawer())
    taken = [batch(b"%d" % number) for number in range(40)]
    assert await ingest.take(taken) == taken
    targets = [partition for topic, partition, _ in outbox.records if topic == MAIL_TOPIC]
    assert len(targets) == len(set(targets)) == MAIL_PARTITIONS
    assert len(outbox.mail()) == 2 * len(taken)


async def test_rejections_are_kept_and_sent_beside_the_good_events() -> None:
    outbox, drawer = Outbox(), Drawer()
    ingest, metrics = path(outbox, drawer)
    assert await ingest.take([batch(b"", b"1", b"")])
    assert [letter.offset for letter in drawer.letters] == [0, 2]
    assert outbox.topics().count(DEAD_LETTER_TOPIC) == 1
    assert MAIL_TOPIC in outbox.topics()
    assert b'touchline_rejected_total{reason="not_json",source="web"} 2.0' in metrics.exposition()[0]


async def test_an_outage_of_the_store_delays_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_DELAY_SECONDS", 0.001)
    drawer = Drawer(outages=2)
    ingest, _ = path(Outbox(), drawer)
    assert await ingest.take([batch(b"")])
    assert len(drawer.letters) == 1


async def test_a_long_batch_is_taken_whole() -> None:
    outbox = Outbox()
    ingest, _ = path(outbox, Drawer())
    count = 2 * EVENTS_AT_A_STRETCH + 1
    assert await ingest.take([batch(*(b"%d" % number for number in range(count)))])
    assert len(outbox.mail()) == 2 * count


async def test_any_number_of_rejections_is_kept_and_counted_a_bounded_number_at_once() -> None:
    outbox, drawer = Outbox(), Drawer()
    ingest, metrics = path(outbox, drawer)
    count = 3 * LETTERS_AT_ONCE + 1
    assert await ingest.take([batch(b"1", *[b""] * count, b"2")])
    assert [letter.offset for letter in drawer.letters] == list(range(1, count + 1))
    assert drawer.most_at_once == LETTERS_AT_ONCE
    exposition = metrics.exposition()[0]
    assert b'touchline_rejected_total{reason="not_json",source="web"} %.1f' % count in exposition
    assert b'touchline_events_total{source="web",type="web.clicked"} 2.0' in exposition
