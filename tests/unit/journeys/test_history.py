"""What a history that grows keeps."""

from pipeline.journeys.history import History
from tests.unit.journeys.samples import CATALOGUE, CUSTOMER, HOUR, MINUTE, RULES, START, event


def test_the_data_of_steps_is_not_kept_decoded() -> None:
    parcel = {"order_id": "7", "parcel_id": "p"}
    history = History(CUSTOMER, {}, CATALOGUE, RULES)
    for number in range(6):
        at = number * HOUR
        several = (
            event("delivery.parcel_shipped", at, identifiers=parcel, promised_at="2026-03-02", key=f"s{number}"),
            event("web.clicked", at + MINUTE, target="buy", dead=True, key=f"c{number}"),
            event("web.checkout_started", at + 2 * MINUTE, amount=3, key=f"b{number}"),
        )
        assert history.append({one.key: one for one in several})
        (grown,) = history.look(START + at + HOUR)
        assert grown.frictions
        assert [step.type for step in grown.steps.all if step.decoded is not None] == []


def test_only_what_may_have_changed_is_looked_at() -> None:
    history = History(CUSTOMER, {}, CATALOGUE, RULES)
    first = event("web.page_viewed", 0, key="first")
    assert history.append({first.key: first})
    assert len(history.look(START)) == 1
    assert history.look(START) == []
    assert not history.append({first.key: first})
