"""Tickets: what the scenarios leave out."""

from tests.unit.journeys.samples import HOUR, event, folded, found


def test_a_ticket_without_identifier_has_no_deadlines() -> None:
    assert not folded([event("support.ticket_opened")], now=99 * HOUR).frictions


def test_a_ticket_opened_in_the_moment_of_another_s_resolution_repeats_it() -> None:
    resolved = event("support.ticket_resolved", 0, identifiers={"ticket_id": "t1"})
    assert found("repeat_contact", [resolved, event("support.ticket_opened", 0, identifiers={"ticket_id": "t2"})])


def test_of_two_tickets_opened_and_resolved_in_one_moment_neither_repeats_the_other() -> None:
    both = [
        event(f"support.ticket_{name}", 0, identifiers={"ticket_id": ticket}, key=f"{name}{ticket}")
        for ticket in ("t1", "t2")
        for name in ("opened", "resolved")
    ]
    assert not found("repeat_contact", both)
    (repeated,) = found("repeat_contact", [*both, event("support.ticket_opened", 1, identifiers={"ticket_id": "t3"})])
    assert repeated.evidence == ("resolvedt2", "support.ticket_opened@1")
