"""The scenarios leave nothing out: every kind, near misses, duplicates, probes, deadlines and withdrawals."""

import pytest

from tests.scenarios.pipeline import RULES
from tests.scenarios.scenario import DEADLINE_KINDS, load_all, moment

SCENARIOS = load_all()
CAUSED_KINDS = ["digital_to_support", "where_is_my_order", "stockout_to_web", "unresolved_to_review"]


def test_every_kind_has_its_file() -> None:
    assert set(SCENARIOS) == set(RULES.detectors.kinds)


@pytest.mark.parametrize("kind", SCENARIOS)
def test_a_file_says_when_the_kind_is_found_and_when_not_with_a_duplicate_and_a_probe(kind: str) -> None:
    scenarios = SCENARIOS[kind]
    expecting = [kind in {one.kind for one in scenario.frictions} for scenario in scenarios]
    assert len(scenarios) >= 3
    assert any(expecting)
    assert not all(expecting)
    assert len({scenario.name for scenario in scenarios}) == len(scenarios)
    assert any(scenario.sent.count(sent) > 1 for scenario in scenarios for sent in scenario.sent)
    assert any(sent.data.get("probe") for scenario in scenarios for sent in scenario.sent)


@pytest.mark.parametrize("kind", DEADLINE_KINDS)
def test_a_deadline_passes_on_the_clock_and_a_late_event_withdraws_it(kind: str) -> None:
    clocks = [clock for scenario in SCENARIOS[kind] for clock in scenario.clocks]
    assert any(kind in clock.holds for clock in clocks)
    assert any(kind not in clock.holds for clock in clocks)
    assert kind in {one.kind for scenario in SCENARIOS[kind] for one in scenario.withdrawn}


@pytest.mark.parametrize("kind", CAUSED_KINDS)
def test_an_effect_names_its_cause_and_is_found_too_where_a_late_link_brings_them_together(kind: str) -> None:
    expected = [one for scenario in SCENARIOS[kind] for one in scenario.frictions if one.kind == kind]
    assert all(one.cause for one in expected)
    assert any(one.detected is not None for one in expected)


@pytest.mark.parametrize("kind", SCENARIOS)
def test_after_the_last_clock_only_late_events_follow(kind: str) -> None:
    for scenario in SCENARIOS[kind]:
        for clock in scenario.clocks[-1:]:
            following = scenario.steps[scenario.steps.index(clock) :]
            assert all(moment(step) <= moment(clock) for step in following), scenario.name
