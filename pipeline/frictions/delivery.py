"""Frictions of delivery promises, parcels and cold chains."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

from pipeline.frictions.detector import Deadline, EventDetector, Finding, about_event, event_subject
from pipeline.frictions.occurrence import Occurrence, Steps
from pipeline.frictions.policy import DeliveryPolicy
from pipeline.frictions.scope import Scope
from pipeline.frictions.shipment import (
    PROMISING_TYPES,
    SHIPMENT_TYPES,
    Promise,
    Shipment,
    shipments,
    stretch_of_shipments,
)

_READING = "delivery.temperature_read"
_TRACKED = frozenset({"delivery.parcel_shipped", "delivery.scanned"})
_SIGNS = frozenset(
    {
        "delivery.handed_over",
        "delivery.parcel_shipped",
        "delivery.scanned",
        "delivery.attempt_failed",
        "delivery.damaged",
        "delivery.lost",
    }
)
_SETTLED = frozenset({"delivery.delivered", "delivery.return_collected", "delivery.lost", "web.order_cancelled"})
_SHIPMENTS = Scope(stretch=stretch_of_shipments)


class DeliveryEvent(EventDetector):
    """`failed_attempt`, `damaged`, `lost_parcel`: the carrier's event says so."""

    kinds = ("failed_attempt", "damaged", "lost_parcel")
    listens_to = ("delivery.attempt_failed", "delivery.damaged", "delivery.lost")

    def judge(self, step: Occurrence) -> tuple[str, int] | None:
        """Name the event's friction."""
        if step.type == "delivery.attempt_failed":
            return "failed_attempt", 2
        return ("damaged", 3) if step.type == "delivery.damaged" else ("lost_parcel", 3)


class LateDelivery:
    """`late_delivery`: delivered after the last promise made at or before shipping, or not delivered when it passes.

    Severity by days late: up to one, up to three, more. One friction per shipment, dated when the promise broke. It
    happens at the delivery; without one at the shipping step; with nothing shipped, at the step that made the promise.
    So the department that has the goods owns it. A return or a cancellation before the promise passes settles it; a
    later one stops it from growing.
    """

    kinds = ("late_delivery",)
    listens_to = SHIPMENT_TYPES
    cross_channel = False
    scope = _SHIPMENTS

    def __init__(self, policy: DeliveryPolicy) -> None:
        self._limits = (policy.late_severity_2_after_ms, policy.late_severity_3_after_ms)

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Compare each promised shipment with its end, or the clock."""
        for shipment in steps.derive(shipments):
            promise = shipment.promise
            if promise is None:
                continue
            known_until = now if shipment.ended is None else shipment.ended.time
            late_by = known_until - promise.until
            if late_by > 0:
                yield self._finding(shipment, promise, late_by)
            if shipment.ended is None:
                for limit in (0, *self._limits):
                    change = promise.until + limit + 1
                    if change > now:
                        yield Deadline(change)

    def _finding(self, shipment: Shipment, promise: Promise, late_by: int) -> Finding:
        happened = shipment.delivered or shipment.shipped or promise.step
        proof = (promise.step, shipment.shipped, shipment.ended)
        return Finding(
            kind="late_delivery",
            severity=1 + sum([late_by > limit for limit in self._limits]),
            about=shipment.about,
            step=happened,
            time=promise.until,
            evidence=tuple([step for step in proof if step is not None]),
            until=None if shipment.ended is None else shipment.ended.time,
            concerns=shipment.concerns,
        )


class PromiseMoved:
    """`promise_moved`: the delivery promise moved later twice or more; it happens at the second of these moves."""

    kinds = ("promise_moved",)
    listens_to = tuple(sorted(PROMISING_TYPES))
    cross_channel = False
    scope = _SHIPMENTS

    def __init__(self, policy: DeliveryPolicy) -> None:
        self._moves = policy.promise_moves

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Compare each promise with the one before."""
        for shipment in steps.derive(shipments):
            later = [new.step for old, new in pairwise(shipment.promises) if new.until > old.until]
            if len(later) >= self._moves:
                step = later[self._moves - 1]
                yield Finding(
                    kind="promise_moved",
                    severity=1,
                    about=shipment.about,
                    step=step,
                    time=step.time,
                    evidence=(shipment.promises[0].step, *later),
                    concerns=shipment.concerns,
                )


class StalledParcel:
    """`stalled_parcel`: no scan for 72 hours between shipping and delivery; each such silence is one friction.

    A sign of movement (hand-over, failed attempt, damage) counts as a scan. Only tracked parcels are judged,
    those with a shipping notice or a scan: without tracking, silence says nothing. It is about the step before the
    silence, and also about the parcel if that step names only the order and the parcel is not the order's first.
    """

    kinds = ("stalled_parcel",)
    listens_to = ("delivery.parcel_shipped", "delivery.scanned")
    cross_channel = False
    scope = _SHIPMENTS

    def __init__(self, policy: DeliveryPolicy) -> None:
        self._silence = policy.stalled_after_ms

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Look for silences between signs of movement, and for one that still lasts."""
        for shipment in steps.derive(shipments):
            if any(step.type in _TRACKED for step in shipment.steps):
                yield from self._silences(shipment, now)

    def _silences(self, shipment: Shipment, now: int) -> Iterator[Finding | Deadline]:
        signs = _journey_of_parcel(shipment)
        for sign, following in pairwise(signs):
            if following.time - sign.time > self._silence:
                yield self._stall(shipment, sign, following)
        if signs and signs[-1].type not in _SETTLED:
            deadline = signs[-1].time + self._silence
            yield self._stall(shipment, signs[-1], None) if now > deadline else Deadline(deadline + 1)

    def _stall(self, shipment: Shipment, sign: Occurrence, following: Occurrence | None) -> Finding:
        return Finding(
            kind="stalled_parcel",
            severity=1,
            about=_silence_of(shipment, sign),
            step=sign,
            time=sign.time + self._silence,
            evidence=(sign,) if following is None else (sign, following),
            until=None if shipment.ended is None else shipment.ended.time,
            concerns=shipment.concerns,
        )


def _silence_of(shipment: Shipment, sign: Occurrence) -> str:
    """The subject of a silence: the step before it, plus the parcel if the step names only the order.

    The order's first parcel goes by the order's identifier and adds nothing.
    """
    is_own = sign.identifier("parcel_id") is not None or sign.identifier("order_id") == shipment.about
    return event_subject(sign) + ("" if is_own else shipment.about)


def _journey_of_parcel(shipment: Shipment) -> list[Occurrence]:
    """The signs of movement from shipping to the settling step, both included."""
    signs: list[Occurrence] = []
    for step in shipment.steps:
        if step.type in _SETTLED:
            return [*signs, step] if signs else []
        if step.type in _SIGNS:
            signs.append(step)
    return signs


class ColdChainBreach:
    """`cold_chain_breach`: a temperature outside the parcel's range; consecutive readings outside are one friction.

    Each limit of the range is the reading's own (`min_celsius`, `max_celsius`), else that of the parcel's shipping
    notice (`range`). A reading that names only an order with several parcels may be about any of them: it is a breach
    only if it is outside the range of each. Nothing is outside an unknown range.
    """

    kinds = ("cold_chain_breach",)
    listens_to = (_READING,)
    cross_channel = False
    scope = _SHIPMENTS

    def detect(self, steps: Steps, now: int, findings: Sequence[Finding]) -> Iterator[Finding | Deadline]:
        """Follow the readings of each shipment, and those that may be about several."""
        for candidates, readings in _series(steps.derive(shipments)):
            ranges = [_range(shipment) for shipment in candidates]
            judged = ((all(_outside(reading, limits) for limits in ranges), reading) for reading in readings)
            for is_outside, run in groupby(judged, key=itemgetter(0)):
                if is_outside:
                    breach = tuple(reading for _, reading in run)
                    yield about_event("cold_chain_breach", 3, breach[0], evidence=breach)


def _series(known: Iterable[Shipment]) -> Iterable[tuple[Sequence[Shipment], Sequence[Occurrence]]]:
    """The readings, in order, by the shipments that they may be about."""
    candidates: dict[Occurrence, list[Shipment]] = {}
    for shipment in known:
        for step in shipment.steps:
            if step.type == _READING:
                candidates.setdefault(step, []).append(shipment)
    series: dict[tuple[str, ...], tuple[Sequence[Shipment], list[Occurrence]]] = {}
    for reading, some in candidates.items():
        series.setdefault(tuple([shipment.about for shipment in some]), (some, []))[1].append(reading)
    return series.values()


def _outside(reading: Occurrence, limits: tuple[float | None, float | None]) -> bool:
    celsius = reading.number("celsius")
    if celsius is None:
        return False
    own = reading.number("min_celsius"), reading.number("max_celsius")
    lowest, highest = [limit if limit is not None else known for limit, known in zip(own, limits, strict=True)]
    return (lowest is not None and celsius < lowest) or (highest is not None and celsius > highest)


def _range(shipment: Shipment) -> tuple[float | None, float | None]:
    for step in shipment.steps:
        limits = step.data.get("range") if step.type == "delivery.parcel_shipped" else None
        if isinstance(limits, dict):
            return _limit(limits.get("min_celsius")), _limit(limits.get("max_celsius"))
    return None, None


def _limit(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
