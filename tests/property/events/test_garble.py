"""A hundred thousand garbled messages: each event is accepted or rejected with a reason, and nothing is raised."""

from collections import Counter

from pipeline.events.dead_letter import DeadLetter, Reason
from pipeline.events.event import Event
from tests.property.events.garble import AT_INTAKE, garbled
from tests.unit.events.samples import NOW, intake, record

COUNT = 100_000


def test_accepted_and_rejected_are_all_that_was_sent() -> None:
    outcomes: Counter[Reason | None] = Counter()
    sent = 0
    for message in garbled(seed=1, count=COUNT):
        taken = intake().take(record(message.value, message.topic), NOW)
        assert len(taken) == message.elements, message.value[:500]
        sent += message.elements
        for index, outcome in enumerate(taken):
            outcomes[None if isinstance(outcome, Event) else outcome.reason] += 1
            if isinstance(outcome, DeadLetter):
                assert outcome.detail
                assert outcome.index == index
    assert outcomes.total() == sent
    assert set(outcomes) == {None, *AT_INTAKE}, "every kind of outcome must occur, or the garbling is too tame"


def test_the_same_seed_garbles_the_same() -> None:
    assert list(garbled(7, 500)) == list(garbled(7, 500))
    assert list(garbled(7, 500)) != list(garbled(8, 500))
