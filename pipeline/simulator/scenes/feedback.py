"""What people say afterwards: reviews of orders and surveys about contacts and visits."""

from pipeline.simulator.event import Json
from pipeline.simulator.people import Person
from pipeline.simulator.retailer import Order, Retailer
from pipeline.simulator.shapes import HOUR

TEXTS = {
    1: "Never again.",
    2: "Not what I hoped for.",
    3: "It is all right.",
    4: "Good, would buy again.",
    5: "Perfect, quick and friendly.",
}


def plan_review(retailer: Retailer, order: Order, time: int, *, unhappy: bool) -> None:
    """Plan a review: a fifth of the customers write one, unhappy ones more often."""
    if retailer.happens(0.45 if unhappy else 0.18):
        weights = (30, 25, 20, 15, 10) if unhappy else (3, 4, 9, 27, 57)
        rating = retailer.rng.choices((1, 2, 3, 4, 5), weights)[0]
        retailer.world.plan(time, lambda now: review(retailer, order, now, rating))


def review(retailer: Retailer, order: Order, time: int, rating: int) -> None:
    """Post a review; half of them are written while signed in, the others know only the order."""
    signed_in = order.person.account if retailer.happens(0.5) else {}
    data: dict[str, Json] = {"rating": rating, "text": TEXTS[rating]}
    retailer.world.emit(
        order.person.name, "feedback.review_posted", time, {**signed_in, "order_id": order.order_id}, data
    )


def survey(retailer: Retailer, person: Person, time: int, about: dict[str, str], *, unhappy: bool) -> None:
    """Answer one question about what just happened, in the hours after it."""
    kind, score = _answer(retailer, unhappy=unhappy)
    data: dict[str, Json] = {"kind": kind, "score": score}
    time += int(retailer.rng.expovariate(1 / (3 * HOUR)))
    retailer.world.emit(person.name, "feedback.survey_answered", time, about, data)


def _answer(retailer: Retailer, *, unhappy: bool) -> tuple[str, int]:
    rng = retailer.rng
    kind = rng.choice(("nps", "csat", "ces"))
    if kind == "nps":
        return kind, rng.randrange(0, 7) if unhappy else min(10, 6 + rng.randrange(6))
    if kind == "csat":
        return kind, 1 + rng.randrange(2) if unhappy else 3 + rng.randrange(3)
    return kind, 5 + rng.randrange(3) if unhappy else 1 + rng.randrange(4)
