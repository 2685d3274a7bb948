"""Tickets: what the scenarios leave out."""

from tests.unit.journeys.samples import HOUR, event, folded, found


def test_a_ticket_without_identifier_has_no_deadlines() -> None:
    assert not folded([event("support.ticket_opened")], now=99 * HOUR).frictions


def test_a_ticket_opened_in_the_moment_of_another_s_resolution_repeats_it() -> None:
    resolved = event("support.ticket_resolved", 0, identifiers={"ticket_id": "t1"})
    assert found("repeat_contact", [resolved, event("support.ticket_opened", 0, identifiers={"ticket_id": "t2"})])
