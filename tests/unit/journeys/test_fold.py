"""Breaks, sessions, identity and closing of journeys."""

import pytest

from pipeline.events.event import Event
from pipeline.journeys.fold import fold
from pipeline.journeys.policy import JourneyPolicy
from pipeline.journeys.rules import Rules
from tests.unit.journeys.samples import CATALOGUE, CUSTOMER, DAY, HOUR, MINUTE, RULES, START, event, folded

GAP = 14 * DAY


def view(at: int, key: str = "", probe: bool = False) -> Event:
    return event("web.page_viewed", at, url="/", key=key, probe=probe)


def order(at: int, number: str = "o1", name: str = "web.order_placed") -> Event:
    return event(name, at, {"amount": 10, "currency": "EUR"}, identifiers={"order_id": number})


def sizes(events: list[Event]) -> list[int]:
    return [journey.events for journey in folded(events).journeys]


def test_nothing_folds_to_nothing() -> None:
    empty = folded([], now=0)
    assert (empty.journeys, empty.frictions, empty.steps, empty.wake_at) == ([], [], {}, None)


@pytest.mark.parametrize(("gap", "expected"), [(GAP, [2]), (GAP + 1, [1, 1])])
def test_a_journey_breaks_where_the_gap_is_exceeded(gap: int, expected: list[int]) -> None:
    assert sizes([view(0), view(gap)]) == expected


@pytest.mark.parametrize(
    ("namespace", "expected"),
    [("order_id", [2]), ("parcel_id", [2]), ("ticket_id", [2]), ("receipt_id", [2]), ("anonymous_id", [1, 1])],
)
def test_a_transaction_spans_a_gap(namespace: str, expected: list[int]) -> None:
    events = [event("web.app_opened", at, identifiers={namespace: "x"}) for at in (0, GAP + 1)]
    assert sizes(events) == expected


def test_a_span_ends_with_its_last_event_and_covers_others() -> None:
    spanned = [order(0), view(1), order(20 * DAY, name="delivery.delivered"), view(20 * DAY + GAP + 1)]
    assert sizes(spanned) == [3, 1]
    assert sizes([view(0), order(GAP + 1), order(40 * DAY, name="delivery.delivered")]) == [1, 2]
    assert sizes([order(0), order(GAP + 1, "o2")]) == [1, 1]


def test_spans_that_overlap_chain() -> None:
    times = [(0, "a"), (20 * DAY, "b"), (40 * DAY, "a"), (60 * DAY, "b"), (80 * DAY, "c")]
    assert sizes([order(at, number) for at, number in times]) == [4, 1]


@pytest.mark.parametrize(("gap", "sessions"), [(30 * MINUTE, 1), (30 * MINUTE + 1, 2)])
def test_sessions(gap: int, sessions: int) -> None:
    assert folded([view(0), view(gap), view(gap + 1)]).journeys[0].sessions == sessions


def test_probes_form_journeys_of_their_own() -> None:
    customer, probe = folded([view(0), view(1, probe=True), view(2)]).journeys
    assert (customer.probe, customer.events, probe.probe, probe.events) == (False, 2, True, 1)
    assert customer.journey_id != probe.journey_id


def test_a_probe_with_the_same_start_has_another_journey_id() -> None:
    ids = {folded([view(0, key="same", probe=probe)]).journeys[0].journey_id for probe in (False, True)}
    assert len(ids) == 2


def test_the_journey_id_depends_on_customer_and_first_event_only() -> None:
    first = folded([view(0)]).journeys[0].journey_id
    assert folded([view(5), view(0)]).journeys[0].journey_id == first
    assert folded([view(-5), view(0)]).journeys[0].journey_id != first
    assert fold("customer_id:7", [view(0)], START, CATALOGUE, RULES).journeys[0].journey_id != first
    assert len(bytes.fromhex(first)) == 16


def test_a_friction_keeps_its_id_when_it_moves_to_another_customer() -> None:
    failed = event("web.payment_failed")
    ours = fold(CUSTOMER, [failed], START, CATALOGUE, RULES).frictions[0]
    theirs = fold("customer_id:7", [failed, view(-1)], START, CATALOGUE, RULES).frictions[0]
    assert ours.friction_id == theirs.friction_id
    assert (ours.customer, theirs.customer) == (CUSTOMER, "customer_id:7")
    assert ours.journey_id != theirs.journey_id


def test_of_copies_the_one_with_the_smallest_precedence_counts() -> None:
    one, other = event("web.clicked", 0, key="x", target="a"), event("web.searched", 0, key="x", query="q", results=1)
    assert one.precedence < other.precedence
    for events in ([one, other], [other, one], [other, one, other]):
        journey = folded(events).journeys[0]
        assert (journey.events, journey.last_touchpoint) == (1, CATALOGUE.get("web.clicked").touchpoint)


def test_steps_carry_the_catalogue_s_annotations() -> None:
    journey = folded([event("delivery.parcel_shipped", key="s", identifiers={"parcel_id": "p"})]).journeys[0]
    assert (journey.last_touchpoint, journey.stages) == ("shipping", (("receive", START),))
    assert (journey.channels, journey.sources, journey.first_event) == (("courier",), ("delivery",), ("/test", "s"))


def test_stages_are_told_in_the_order_in_which_they_were_first_reached() -> None:
    events = [view(2), event("web.checkout_started", 1), event("web.clicked", 3), event("web.order_placed", 4)]
    assert folded(events).journeys[0].stages == (("buy", START + 1), ("discover", START + 2))


def test_a_type_that_left_the_catalogue_is_folded_as_other() -> None:
    unknown = Event("/s", "1", "kiosk.touched", START, START, (CUSTOMER,), "store", False, 0, b"{}")
    journey = fold(CUSTOMER, [unknown], START, {}, RULES).journeys[0]
    assert (journey.last_touchpoint, journey.stages) == ("other", (("use", START),))
    assert (journey.sources, journey.channels, journey.furthest_stage) == (("kiosk",), ("store",), "use")


def test_a_friction_of_a_type_that_left_the_catalogue_is_nobody_s() -> None:
    assert fold(CUSTOMER, [event("web.payment_failed")], START, {}, RULES).frictions[0].owner == "unassigned"


def test_distinct_channels_and_sources_are_sorted() -> None:
    events = [view(0), event("store.visit_started", 1), view(2), event("web.app_opened", 3, channel="app")]
    journey = folded(events).journeys[0]
    assert (journey.channels, journey.sources) == (("app", "store", "web"), ("store", "web"))


def test_furthest_stage_and_seconds_to_buy() -> None:
    journey = folded([view(0), order(90_500), event("web.checkout_started", 60_250), view(100_000)]).journeys[0]
    assert (journey.furthest_stage, journey.seconds_to_buy) == ("buy", 60.25)
    twice = folded([view(0), order(10_000), order(20_000, "o2")]).journeys[0]
    assert twice.seconds_to_buy == 10
    assert folded([view(0)]).journeys[0].seconds_to_buy is None


def test_a_quiet_journey_closes_when_the_gap_has_passed() -> None:
    assert folded([view(0)], now=GAP).journeys[0].status == "open"
    assert folded([view(0)], now=GAP).wake_at == START + GAP + 1
    closed = folded([view(0)], now=GAP + 1)
    assert (closed.journeys[0].status, closed.wake_at) == ("closed", None)


@pytest.mark.parametrize(
    "ending", ["delivery.delivered", "delivery.return_collected", "web.order_cancelled", "store.item_returned"]
)
def test_an_order_keeps_its_journey_open_until_it_ends(ending: str) -> None:
    assert folded([order(0)], now=60 * DAY).journeys[0].status == "open"
    assert folded([order(0)], now=60 * DAY + 1).journeys[0].status == "closed"
    ended = [order(0), event(ending, DAY, identifiers={"order_id": "o1"})]
    assert folded(ended, now=DAY + GAP).journeys[0].status == "open"
    assert folded(ended, now=DAY + GAP + 1).journeys[0].status == "closed"


def test_a_parcel_s_delivery_ends_its_order_s_wait() -> None:
    both = {"order_id": "o1", "parcel_id": "p1"}
    shipped = event("delivery.parcel_shipped", 1, identifiers=both)
    delivered = event("delivery.delivered", 2, identifiers={"parcel_id": "p1"})
    assert folded([order(0), shipped, delivered], now=20 * DAY).journeys[0].status == "closed"
    assert folded([order(0), shipped], now=20 * DAY).journeys[0].status == "open"
    assert folded([order(0), delivered], now=20 * DAY).journeys[0].status == "open"


def test_a_ticket_keeps_its_journey_open_until_it_is_resolved() -> None:
    def ticket(name: str, at: int) -> Event:
        return event(f"support.ticket_{name}", at, identifiers={"ticket_id": "t1"})

    assert folded([ticket("opened", 0)], now=20 * DAY).journeys[0].status == "open"
    assert folded([ticket("opened", 0), ticket("resolved", 1)], now=20 * DAY).journeys[0].status == "closed"
    again = [ticket("opened", 0), ticket("resolved", 1), ticket("reopened", DAY)]
    assert folded(again, now=61 * DAY).journeys[0].status == "open"
    assert folded(again, now=61 * DAY + 1).journeys[0].status == "closed"


def test_gaps_are_configurable() -> None:
    rules = Rules.of(JourneyPolicy(journey_gap_ms=HOUR, session_gap_ms=MINUTE))
    journeys = folded([view(0), view(HOUR + 1), view(HOUR + MINUTE + 2)], rules=rules).journeys
    assert [(journey.events, journey.sessions) for journey in journeys] == [(1, 1), (2, 2)]


def test_membership_names_the_journey_of_every_event() -> None:
    events = [view(0), view(GAP + 1), view(5, probe=True)]
    result = folded(events)
    ids = [journey.journey_id for journey in result.journeys]
    assert [ids.index(result.membership[one.key]) for one in events] == [0, 1, 2]
