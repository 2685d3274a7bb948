"""From the body of a request to its response."""

import uuid
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from agents.collector.answers import outcome, problem
from agents.collector.body import read_body
from agents.collector.in_flight import InFlight, Share
from agents.collector.metrics import CollectorMetrics
from agents.collector.ports import Delivery, Sender
from agents.collector.write_keys import WriteKeys, shown_key
from pipeline.adapters.clock import wall_clock
from pipeline.catalogue.topics import RAW_PREFIX
from pipeline.collecting.cloud_events import read_events
from pipeline.collecting.content import plain_media_type, read_json
from pipeline.collecting.fault import Fault, Kind
from pipeline.collecting.segment import Translation, calls_of, events_of
from pipeline.collecting.segment_types import DEFAULT_TYPES
from pipeline.collecting.sorting import Refused, sort_events
from pipeline.events.packing import Pack
from pipeline.events.routing import Unroutable
from pipeline.settings.model import Settings

MEBIBYTE = 1024 * 1024
SEGMENT_SOURCE = "/segment"
NO_KEY = Fault(
    Kind.WRITE_KEY,
    "Authorization: send a write key of collector.write_keys as the user name of Basic authentication or as a Bearer "
    "token; Segment's calls may have it as writeKey in the body",
)


class Intake:
    """Answers requests that bring events."""

    def __init__(
        self, settings: Settings, broker: Sender, metrics: CollectorMetrics, clock: Callable[[], int] = wall_clock
    ) -> None:
        """`clock`: milliseconds since the epoch."""
        self._own = settings.collector
        self._limits = settings.intake
        self._broker = broker
        self._metrics = metrics
        self._clock = clock
        self._keys = WriteKeys(self._own.write_keys)
        self._in_flight = InFlight(self._own.in_flight_mib * MEBIBYTE)
        self._translation = Translation(
            namespaces=frozenset(settings.identity.namespaces),
            new_id=lambda: str(uuid.uuid4()),
            types={**DEFAULT_TYPES, **self._own.types_by_name},
        )
        metrics.in_flight.set_function(lambda: self._in_flight.bytes)

    async def cloud_events(self, request: web.Request) -> web.Response:
        """`POST /v1/events`."""
        received_at = self._clock()
        with self._in_flight.share() as share:
            if self._keys.required and self._key_of_header(request) is None:
                return self.refuse(NO_KEY)
            body = await self._body(request, share)
            if isinstance(body, Fault):
                return self.refuse(body)
            headers = {name.lower(): value for name, value in request.headers.items()}
            events = read_events(headers, body, self._limits)
            if isinstance(events, Fault):
                return self.refuse(events)
            return await self._take(events, received_at, segment=False)

    def segment(self, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        """`POST /v1/track` and the like; an empty kind is `POST /v1/batch`."""

        async def handle(request: web.Request) -> web.Response:
            received_at = self._clock()
            with self._in_flight.share() as share:
                calls = await self._calls(request, share, kind)
                if isinstance(calls, Fault):
                    return self.refuse(calls)
                found, source = calls
                events = events_of(found, kind, source, received_at, self._translation)
                return await self._take(events, received_at, segment=True)

        return handle

    def refuse(self, fault: Fault) -> web.Response:
        """Answer a request that is refused as a whole, and count the reason."""
        self._metrics.refused.labels(fault.kind).inc()
        return problem(fault)

    async def _calls(self, request: web.Request, share: Share, kind: str) -> tuple[list[object], str] | Fault:
        """The calls of a request, and the source that its key names."""
        fault = plain_media_type(request.headers.get("Content-Type", ""))
        body = fault or await self._body(request, share)
        if isinstance(body, Fault):
            return body
        content = read_json(body, self._limits)
        if isinstance(content, Fault):
            return content
        if content.is_array or not isinstance(content.elements[0], dict):
            detail = "a JSON object expected, as Segment's HTTP Tracking API has it: several calls go to /v1/batch"
            return Fault(Kind.NOT_EVENTS, f"body: {detail}")
        call = content.elements[0]
        key = self._key_of_header(request) or self._keys.name_of(str(call.get("writeKey") or ""))
        if self._keys.required and key is None:
            return NO_KEY
        calls: list[object] | Unroutable = [call] if kind else calls_of(call)
        if isinstance(calls, Unroutable):
            return Fault(Kind.NOT_EVENTS, f"{calls.field}: {calls.detail}")
        if len(calls) > self._limits.max_events_per_message:
            most = self._limits.max_events_per_message
            return Fault(
                Kind.TOO_LARGE, f"batch: at most {most} calls are taken at once, found {len(calls)}: send fewer"
            )
        return calls, f"{SEGMENT_SOURCE}/{key}" if key else SEGMENT_SOURCE

    async def _body(self, request: web.Request, share: Share) -> bytes | Fault:
        body = await read_body(request, share, self._own.max_body_bytes, self._own.body_timeout_ms / 1000)
        self._metrics.bytes.inc(share.bytes)
        return body

    def _key_of_header(self, request: web.Request) -> str | None:
        return self._keys.name_of(shown_key(request.headers.get("Authorization", "")))

    async def _take(self, events: Iterable[object], received_at: int, *, segment: bool) -> web.Response:
        """Sort and send events, wait for their acknowledgement, and respond with the outcome."""
        found = sort_events(events)
        with self._metrics.produce.time():
            delivery = await self._broker.deliver(found.packs, received_at)
        refused = [*found.refused, *_too_large(delivery.too_large)]
        waiting = sorted(index for pack in delivery.waiting for index in pack.indexes)
        self._count(delivery, len(refused), len(waiting))
        accepted = sum(len(pack.events) for pack in delivery.acknowledged)
        taken: dict[str, object] = {"accepted": accepted}
        if segment:
            return outcome(accepted, refused, waiting, {"success": True, **taken}, 200)
        return outcome(accepted, refused, waiting, taken, 202)

    def _count(self, delivery: Delivery, refused: int, waiting: int) -> None:
        for pack in delivery.acknowledged:
            self._metrics.events.labels(pack.topic.removeprefix(RAW_PREFIX)).inc(len(pack.events))
        if refused:
            self._metrics.refused.labels("event").inc(refused)
        self._metrics.unacknowledged.inc(waiting)


def _too_large(packs: Iterable[Pack]) -> Iterable[Refused]:
    detail = "larger than the broker takes (its max.message.bytes): send less with it"
    return (Refused(index, "", detail) for pack in packs for index in pack.indexes)
