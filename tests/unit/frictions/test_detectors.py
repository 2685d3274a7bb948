"""The registry, and what a detector of one's own can do."""

from collections.abc import Iterator, Sequence

import pytest

from pipeline.frictions.built_in import built_in
from pipeline.frictions.detector import Deadline, Detector, EventDetector, Finding, about_event
from pipeline.frictions.detectors import Detectors
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.policy import FrictionPolicy
from pipeline.journeys.rules import Rules
from tests.unit.journeys.samples import HOUR, START, event, folded, found

TABLE = """
rage_click dead_click error_click page_error broken_link server_error slow_page looping form_struggle fruitless_search
payment_failed checkout_abandoned late_delivery promise_moved failed_attempt damaged lost_parcel cold_chain_breach
stalled_parcel long_queue stockout item_returned slow_first_reply slow_resolution bounced reopened repeat_contact
abandoned_contact poor_rating digital_to_support where_is_my_order stockout_to_web unresolved_to_review channel_pingpong
"""


class LongVisit(EventDetector):
    """A detector of a deployment: every store visit is a friction."""

    kinds = ("long_visit",)
    listens_to = ("store.visit_started",)

    def judge(self, step: Occurrence) -> tuple[str, int] | None:
        return "long_visit", 1


class Aftermath:
    """A cross-channel detector of a deployment: it counts what the others found, and waits an hour."""

    kinds = ("aftermath",)
    listens_to: Sequence[str] = ()
    cross_channel = True

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        due = steps.all[0].time + HOUR
        if now <= due:
            yield Deadline(due + 1)
        elif findings:
            yield about_event("aftermath", 3, steps.all[-1], cause=tuple(one.friction_id for one in findings))


def test_the_built_in_detectors_are_those_of_the_table() -> None:
    assert sorted(Detectors(built_in(FrictionPolicy(), HOUR)).kinds) == sorted(TABLE.split())


def test_a_kind_has_one_detector() -> None:
    with pytest.raises(ValueError, match="two detectors claim the friction kind 'long_visit'"):
        Detectors([LongVisit(), LongVisit()])


def test_a_detector_has_a_kind() -> None:
    class Nameless(EventDetector):
        listens_to = ("store.visit_started",)

    with pytest.raises(ValueError, match="Nameless names no friction kind"):
        Detectors([Nameless()])


def test_a_deployment_adds_detectors() -> None:
    further: list[Detector] = [Aftermath(), LongVisit()]
    rules = Rules.of(further=further)
    visit = event("store.visit_started", key="visit")
    assert folded([visit], now=0, rules=rules).wake_at == START + HOUR + 1
    frictions = folded([visit], now=HOUR + 1, rules=rules).frictions
    assert sorted((one.kind, one.severity) for one in frictions) == [("aftermath", 3), ("long_visit", 1)]
    assert found("aftermath", [visit], now=HOUR + 1, rules=rules)[0].cause == (
        found("long_visit", [visit], rules=rules)[0].friction_id,
    )


def test_a_detector_is_asked_only_about_the_types_it_listens_to() -> None:
    assert not found("long_visit", [event("store.queue_joined")], rules=Rules.of(further=[LongVisit()]))


def test_evidence_is_limited() -> None:
    clicks = [event("web.clicked", at, target="buy", key=f"{at:04}") for at in range(500)]
    evidence = found("rage_click", clicks)[0].evidence
    assert evidence == tuple(f"{at:04}" for at in range(100))
