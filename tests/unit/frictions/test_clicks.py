"""Rage clicks: how windows overlap, and the other definitions of the field."""

import pytest

from pipeline.events.event import Event
from pipeline.frictions.policy import FrictionPolicy, RageClickName, WebPolicy
from pipeline.journeys.rules import Rules
from tests.unit.journeys.samples import event, found


def clicks(*times: int, target: str = "buy", **data: object) -> list[Event]:
    return [event("web.clicked", time, {"target": target, **data}, key=f"{target}{time}") for time in times]


def profile(name: RageClickName) -> Rules:
    return Rules.of(frictions=FrictionPolicy(web=WebPolicy(rage_click=name)))


@pytest.mark.parametrize(
    ("times", "bursts"),
    [
        ((0, 500, 1000, 1001, 1002), 1),
        ((0, 900, 1800, 2700), 0),
    ],
)
def test_windows_that_share_clicks_are_one_burst(times: tuple[int, ...], bursts: int) -> None:
    assert len(found("rage_click", clicks(*times))) == bursts


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
