"""Rage, dead and error clicks."""

import pytest

from pipeline.events.event import Event
from pipeline.frictions.policy import FrictionPolicy, RageClickName, WebPolicy
from pipeline.journeys.rules import Rules
from tests.unit.journeys.samples import SECOND, START, event, found


def clicks(*times: int, target: str = "buy", **data: object) -> list[Event]:
    return [event("web.clicked", time, {"target": target, **data}, key=f"{target}{time}") for time in times]


def profile(name: RageClickName) -> Rules:
    return Rules.of(frictions=FrictionPolicy(web=WebPolicy(rage_click=name)))


@pytest.mark.parametrize(
    ("times", "bursts"),
    [
        ((0, 500), 0),
        ((0, 500, 1000), 1),
        ((0, 500, 1001), 0),
        ((0, 400, 800, 1200, 1600), 1),
        ((0, 500, 1000, 1001, 1002), 1),
        ((0, 1, 2, 5000, 5001, 5002), 2),
        ((0, 900, 1800, 2700), 0),
    ],
)
def test_rage_click_window(times: tuple[int, ...], bursts: int) -> None:
    assert len(found("rage_click", clicks(*times))) == bursts


def test_a_burst_is_dated_at_its_third_click_and_keeps_its_id_while_it_grows() -> None:
    short, long = found("rage_click", clicks(0, 400, 800)), found("rage_click", clicks(0, 400, 800, 1200))
    assert [friction.friction_id for friction in short] == [friction.friction_id for friction in long]
    assert long[0].time == START + 800
    assert long[0].severity == 2
    assert long[0].evidence == ("buy0", "buy400", "buy800", "buy1200")


def test_bursts_apart_have_their_own_evidence() -> None:
    bursts = found("rage_click", clicks(0, 1, 2, 3000, 5000, 5001, 5002, 9000))
    assert [one.evidence for one in bursts] == [("buy0", "buy1", "buy2"), ("buy5000", "buy5001", "buy5002")]


def test_clicks_on_other_targets_neither_count_nor_interrupt() -> None:
    assert not found("rage_click", [*clicks(0, 300), *clicks(600, target="more")])
    mixed = [*clicks(0, 600, 1000), *clicks(300, 900, target="more")]
    assert [friction.evidence for friction in found("rage_click", mixed)] == [("buy0", "buy600", "buy1000")]


def test_clicks_in_one_millisecond_are_a_burst() -> None:
    assert len(found("rage_click", [event("web.clicked", 0, target="buy", key=key) for key in "abc"])) == 1


def test_clicks_out_of_order_and_doubled_are_the_same() -> None:
    once = clicks(0, 400, 800)
    assert found("rage_click", [once[2], once[0], once[1], once[0]], now=0) == found("rage_click", once, now=0)
    assert not found("rage_click", [once[0], once[0], once[0], once[1]])


def test_a_probe_rages_apart_from_the_customer() -> None:
    robot = [event("web.clicked", time, target="buy", key=f"r{time}", probe=True) for time in (100, 200)]
    assert not found("rage_click", [*clicks(0, 400), *robot])
    robot.append(event("web.clicked", 300, target="buy", key="r300", probe=True))
    assert [friction.probe for friction in found("rage_click", [*clicks(0), *robot])] == [True]


@pytest.mark.parametrize(
    ("name", "times", "places", "bursts"),
    [
        ("posthog", (0, 999, 1998), (0, 29, 58), 1),
        ("posthog", (0, 1000, 1998), (0, 29, 58), 0),
        ("posthog", (0, 999, 1998), (0, 30, 58), 0),
        ("datadog", (0, 500, 1000), (0, 500, 900), 1),
        ("openreplay", (0, 299, 598), (0, 500, 900), 1),
        ("openreplay", (0, 300, 598), (0, 500, 900), 0),
        ("amplitude", (0, 300, 600), (0, 0, 0), 0),
        ("amplitude", (0, 300, 600, 1000), (0, 50, 0, 50), 1),
        ("amplitude", (0, 300, 600, 1001), (0, 50, 0, 50), 0),
        ("amplitude", (0, 300, 600, 1000), (0, 51, 0, 50), 0),
    ],
)
def test_profiles(name: RageClickName, times: tuple[int, ...], places: tuple[int, ...], bursts: int) -> None:
    made = [
        event("web.clicked", time, target="buy", x=place, y=0, key=str(time))
        for time, place in zip(times, places, strict=True)
    ]
    assert len(found("rage_click", made, rules=profile(name))) == bursts


def test_profiles_by_place_take_any_target_and_do_without_coordinates() -> None:
    two_targets = [
        event("web.clicked", time, target=target, x=0, y=time / 100, key=str(time))
        for time, target in ((0, "a"), (300, "b"), (600, "a"))
    ]
    assert found("rage_click", two_targets, rules=profile("posthog"))
    assert not found("rage_click", two_targets)
    assert found("rage_click", clicks(0, 300, 600), rules=profile("posthog"))
    assert not found("rage_click", [*clicks(0, 300), *clicks(600, target="b")], rules=profile("posthog"))


def test_dead_click() -> None:
    frictions = found("dead_click", [*clicks(0, dead=True), *clicks(1, dead=False), *clicks(2)])
    assert [(friction.evidence, friction.severity) for friction in frictions] == [(("buy0",), 1)]


@pytest.mark.parametrize(("after", "kind"), [(0, "error_click"), (SECOND, "error_click"), (SECOND + 1, "page_error")])
def test_an_error_is_an_error_click_or_a_page_error(after: int, kind: str) -> None:
    events = [*clicks(0), event("web.error_occurred", after, message="x")]
    severities = {name: [one.severity for one in found(name, events)] for name in ("error_click", "page_error")}
    expected: dict[str, list[int]] = {"error_click": [], "page_error": []}
    expected[kind] = [2 if kind == "error_click" else 1]
    assert severities == expected


def test_a_click_after_the_error_is_not_its_cause() -> None:
    events = [event("web.error_occurred", 0, message="x"), *clicks(1)]
    assert found("page_error", events)
    assert not found("error_click", events)


def test_an_error_click_names_the_last_click_before_it() -> None:
    events = [*clicks(0, 400), event("web.error_occurred", 900, message="x", key="error")]
    assert found("error_click", events)[0].evidence == ("buy400", "error")
