"""Stories of the service desk."""

from itertools import pairwise

from pipeline.simulator.people import Person
from pipeline.simulator.retailer import Retailer
from pipeline.simulator.scenes.support import Ticket
from pipeline.simulator.shapes import HOUR, MINUTE


def passed_around(retailer: Retailer, person: Person, time: int) -> None:
    """A call that nobody takes, one that is passed on three times and not really solved, and a review of one star."""
    who = _who(person)
    retailer.world.emit(person.name, "support.contact_abandoned", time, who, {"channel": "phone", "wait_seconds": 540})
    ticket = Ticket(retailer, person, retailer.number("t"), "phone")
    time += 20 * MINUTE
    ticket.emit("opened", time, who, topic="invoice", priority="high")
    ticket.emit("replied", time + 7 * MINUTE)
    teams = ("first-line", "payments", "logistics", "first-line")
    for step, (origin, target) in enumerate(pairwise(teams), 1):
        ticket.emit("transferred", time + (8 + 6 * step) * MINUTE, **{"from": origin, "to": target})
    ticket.emit("escalated", time + 40 * MINUTE)
    ticket.emit("resolved", time + 2 * HOUR)
    ticket.emit("reopened", time + 4 * HOUR)
    retailer.world.emit(
        person.name,
        "feedback.review_posted",
        time + 8 * HOUR,
        person.account or {"email": person.email},
        {"rating": 1, "text": "Five people, five answers."},
    )


def again_and_again(retailer: Retailer, person: Person, time: int) -> None:
    """Solved, and back five hours later with the same matter; the survey says what that was like."""
    for opened_at in (time, time + 5 * HOUR):
        ticket = Ticket(retailer, person, retailer.number("t"), "chat")
        ticket.emit("opened", opened_at, _who(person), topic="refund", priority="normal")
        ticket.emit("replied", opened_at + MINUTE)
        ticket.emit("resolved", opened_at + 20 * MINUTE)
    retailer.world.emit(
        person.name,
        "feedback.survey_answered",
        time + 7 * HOUR,
        {"ticket_id": ticket.ticket_id},
        {"kind": "ces", "score": 7},
    )


def forgotten_ticket(retailer: Retailer, person: Person, time: int) -> None:
    """A message that nobody answers."""
    ticket = Ticket(retailer, person, retailer.number("t"), "email")
    ticket.emit("opened", time, {"email": person.email, **person.account}, topic="warranty", priority="low")


def _who(person: Person) -> dict[str, str]:
    return {"phone": person.phone, **person.account}
