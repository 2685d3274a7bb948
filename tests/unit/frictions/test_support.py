"""Slow, bounced, reopened and repeated contacts."""

import pytest

from pipeline.events.event import Event
from tests.unit.journeys.samples import DAY, HOUR, MINUTE, START, event, folded, found


def ticket(name: str, at: int = 0, number: str = "t1", channel: str = "", probe: bool = False) -> Event:
    return event(
        f"support.{name}",
        at,
        identifiers={"ticket_id": number},
        channel=channel,
        key=f"{number}{name}{at}",
        probe=probe,
    )


@pytest.mark.parametrize(
    ("channel", "target"), [("phone", 2 * MINUTE), ("chat", 2 * MINUTE), ("social", HOUR), ("email", 8 * HOUR)]
)
def test_slow_first_reply_by_channel(channel: str, target: int) -> None:
    opened = ticket("ticket_opened", channel=channel)
    assert not found("slow_first_reply", [opened], now=target)
    assert folded([opened], now=0).wake_at == START + target + 1
    slow = found("slow_first_reply", [opened], now=target + 1)
    assert [(one.time, one.severity, one.channel) for one in slow] == [(START + target, 2, channel)]
    assert not found("slow_first_reply", [ticket("ticket_replied", target), opened], now=9 * HOUR)
    assert found("slow_first_reply", [ticket("ticket_replied", target + 1), opened], now=9 * HOUR)


def test_a_channel_without_target_is_not_judged_and_a_resolution_is_a_reply() -> None:
    assert not found("slow_first_reply", [ticket("ticket_opened", channel="store")], now=9 * HOUR)
    assert not found("slow_first_reply", [ticket("ticket_opened"), ticket("ticket_resolved", 1)], now=HOUR)
    assert found("slow_first_reply", [ticket("ticket_opened"), ticket("ticket_replied", 1, "t2")], now=HOUR)


@pytest.mark.parametrize("answer", ["ticket_resolved", "ticket_closed"])
def test_slow_resolution(answer: str) -> None:
    opened = ticket("ticket_opened")
    assert not found("slow_resolution", [opened], now=72 * HOUR)
    assert [one.time for one in found("slow_resolution", [opened], now=72 * HOUR + 1)] == [START + 72 * HOUR]
    assert not found("slow_resolution", [opened, ticket(answer, 72 * HOUR)], now=90 * HOUR)
    late = found("slow_resolution", [opened, ticket(answer, 72 * HOUR + 1)], now=90 * HOUR)
    assert [one.evidence for one in late] == [("t1ticket_opened0", f"t1{answer}{72 * HOUR + 1}")]


def test_a_ticket_without_identifier_has_no_deadlines() -> None:
    assert not folded([event("support.ticket_opened")], now=99 * HOUR).frictions


def test_bounced_at_the_second_transfer() -> None:
    assert not found("bounced", [ticket("ticket_transferred", 0), ticket("ticket_transferred", 1, "t2")])
    assert not found("bounced", [ticket("ticket_transferred", 0), ticket("ticket_transferred", 0)])
    assert not found("bounced", [ticket("ticket_transferred", 0), ticket("ticket_transferred", 1, probe=True)])
    bounced = found("bounced", [ticket("ticket_transferred", at) for at in (2, 0, 1)])
    assert [(one.time, one.severity, len(one.evidence)) for one in bounced] == [(START + 1, 2, 3)]


def test_reopened_and_abandoned_contact() -> None:
    assert [one.severity for one in found("reopened", [ticket("ticket_reopened")])] == [3]
    assert [one.severity for one in found("abandoned_contact", [event("support.contact_abandoned")])] == [2]


@pytest.mark.parametrize(("after", "repeated"), [(-1, False), (0, True), (7 * DAY, True), (7 * DAY + 1, False)])
def test_repeat_contact(after: int, repeated: bool) -> None:
    events = [ticket("ticket_opened", -DAY), ticket("ticket_resolved", 0), ticket("ticket_opened", after, "t2")]
    repeats = found("repeat_contact", events, now=30 * DAY)
    assert [one.time for one in repeats] == ([START + after] if repeated else [])


def test_a_ticket_does_not_repeat_itself() -> None:
    assert not found("repeat_contact", [ticket("ticket_resolved", 0), ticket("ticket_opened", 1)])
