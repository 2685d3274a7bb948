"""The service desk: calls, chats and messages, from opening to resolution, and back again."""

from dataclasses import dataclass

from pipeline.simulator.event import Json
from pipeline.simulator.people import Person
from pipeline.simulator.retailer import Order, Retailer
from pipeline.simulator.scenes import feedback
from pipeline.simulator.shapes import DAY, HOUR, MINUTE, lognormal

CHANNELS = ("phone", "chat", "email", "social")
FIRST_REPLY_MINUTES = {"phone": 0.6, "chat": 0.8, "email": 150.0, "social": 25.0}
RESOLUTION_MINUTES = {"phone": 9.0, "chat": 14.0, "email": 500.0, "social": 180.0}
TEAMS = ("first-line", "logistics", "payments", "returns", "technical")


@dataclass(slots=True)
class Ticket:
    """A contact as the desk's system knows it."""

    retailer: Retailer
    person: Person
    ticket_id: str
    channel: str

    def emit(self, event: str, time: int, extra: dict[str, str] | None = None, /, **data: Json) -> None:
        """Send an event about this ticket; only its opening says who it is from."""
        identifiers = {"ticket_id": self.ticket_id, **(extra or {})}
        self.retailer.world.emit(
            self.person.name, f"support.ticket_{event}", time, identifiers, {"channel": self.channel, **data}
        )


def plan(retailer: Retailer, person: Person, time: int, topic: str, order: Order | None, chance: float) -> None:
    """Plan, with this chance, that the person contacts support at `time`."""
    if retailer.happens(chance):
        retailer.world.plan(time, lambda now: contact(retailer, person, now, topic, order))


def contact(
    retailer: Retailer,
    person: Person,
    time: int,
    topic: str,
    order: Order | None = None,
    known: dict[str, str] | None = None,
    channel: str = "",
) -> None:
    """Get in touch: give up waiting, or open a ticket. `known`: what the shop knew the person by a moment ago."""
    channel = channel or retailer.rng.choices(CHANNELS, (50, 25, 18, 7))[0]
    who = caller(retailer, person, channel, known)
    if channel in ("phone", "chat") and retailer.happens(retailer.trouble.contact_abandoned):
        data: dict[str, Json] = {"channel": channel, "wait_seconds": round(lognormal(retailer.rng, 240, 0.6))}
        retailer.world.emit(person.name, "support.contact_abandoned", time, who, data)
        return
    open_ticket(retailer, person, time, topic, channel, who, order)


def caller(retailer: Retailer, person: Person, channel: str, known: dict[str, str] | None) -> dict[str, str]:
    """What the desk learns about who is calling."""
    if channel == "phone":
        hidden = retailer.happens(0.05)
        found = person.account if retailer.happens(0.6) else {}
        return {"phone": retailer.switchboard if hidden else person.phone, **found}
    if channel == "chat":
        return known or person.account or {"anonymous_id": person.devices[0].cookie}
    if channel == "social":
        return person.account or {"email": person.email}
    return {"email": person.email}


def open_ticket(
    retailer: Retailer,
    person: Person,
    time: int,
    topic: str,
    channel: str,
    who: dict[str, str],
    order: Order | None = None,
) -> Ticket:
    """Open a ticket and work on it; the agent notes the order the contact is about."""
    ticket = Ticket(retailer, person, retailer.number("t"), channel)
    about = {"order_id": order.order_id} if order and retailer.happens(0.85) else {}
    ticket.emit("opened", time, {**who, **about}, topic=topic, priority=retailer.rng.choice(("low", "normal", "high")))
    resolved_at = work_on(ticket, time)
    if resolved_at is None:
        return ticket
    if retailer.happens(retailer.trouble.reopened):
        reopen(ticket, resolved_at)
    if retailer.happens(0.3):
        feedback.survey(retailer, person, resolved_at, {"ticket_id": ticket.ticket_id}, unhappy=retailer.happens(0.3))
    if retailer.happens(0.06):
        again = resolved_at + int(retailer.rng.random() * 3 * DAY)
        retailer.world.plan(again, lambda now: contact(retailer, person, now, topic, order, channel=channel))
    return ticket


def work_on(ticket: Ticket, time: int) -> int | None:
    """Reply, pass around, resolve, close; returns when it was resolved, None if it never is."""
    retailer, rng, trouble = ticket.retailer, ticket.retailer.rng, ticket.retailer.trouble
    time += int(lognormal(rng, FIRST_REPLY_MINUTES[ticket.channel], 0.8) * MINUTE)
    ticket.emit("replied", time)
    while retailer.happens(trouble.transferred):
        time += int(lognormal(rng, 8, 0.7) * MINUTE)
        origin, target = rng.sample(TEAMS, 2)
        ticket.emit("transferred", time, **{"from": origin, "to": target})
    if retailer.happens(trouble.escalated):
        time += int(lognormal(rng, 20, 0.7) * MINUTE)
        ticket.emit("escalated", time)
    if retailer.happens(trouble.unresolved):
        return None
    slow = retailer.happens(trouble.slow_resolution)
    time += int(lognormal(rng, RESOLUTION_MINUTES[ticket.channel], 0.9) * MINUTE) + (74 * HOUR if slow else 0)
    ticket.emit("resolved", time)
    ticket.emit("closed", time + int(rng.random() * 4 * HOUR) + MINUTE)
    return time


def reopen(ticket: Ticket, resolved_at: int) -> None:
    """Reopen a ticket that was not solved after all; most are resolved again."""
    time = resolved_at + int(lognormal(ticket.retailer.rng, 3, 0.8) * HOUR)
    ticket.emit("reopened", time)
    if not ticket.retailer.happens(0.25):
        ticket.emit("resolved", time + int(lognormal(ticket.retailer.rng, 4, 0.8) * HOUR))
