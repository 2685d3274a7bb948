"""The load: always the same, as many as asked for, and all of it accepted."""

from collections import Counter

import orjson

from tests.benchmarks import load
from tests.benchmarks.in_process import kafka_records, new_intake, posted, taken_in


def test_copies_are_other_people_with_other_events() -> None:
    events = load.day_of_people(1_000)[:1_000]
    copies = [load.of_other_people(event, 7) for event in events]
    intake = new_intake()
    first, other = (taken_in(intake, kafka_records(map(load.record_of, each))) for each in (events, copies))
    assert not {event.key for event in first} & {event.key for event in other}
    named, named_too = ({name for event in each for name in event.identifiers} for each in (first, other))
    assert not named & named_too
    assert len(named) == len(named_too)
    assert Counter(event.type for event in first) == Counter(event.type for event in other)
    assert len(posted(first)) == len(posted(other))


def test_records_are_as_many_as_asked_for_and_all_different() -> None:
    records = load.retail_records(1_500)
    assert len(records) == 1_500
    assert len({orjson.loads(value)["id"] for _, value in records}) == 1_500
    assert records == load.retail_records(1_500)


def test_more_than_is_simulated_is_made_of_copies() -> None:
    base = len(load.day_of_people(300))
    found = load.of_other_people(load.day_of_people(300)[0], 3)
    assert str(found["id"]).endswith("-3")
    assert base >= 300
