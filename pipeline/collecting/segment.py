"""Calls of Segment's HTTP Tracking API become events.

The calls are those of https://segment.com/docs/connections/spec/: track, page, screen, identify, alias, group.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

from pipeline.collecting.segment_identifiers import identifiers_of, part
from pipeline.collecting.segment_types import ITEM, RENAMED, renamed, type_of_track
from pipeline.events.envelope import SPECVERSION, JsonObject
from pipeline.events.rfc3339 import parse_rfc3339
from pipeline.events.routing import Unroutable

CALLS: Final = ("track", "page", "screen", "identify", "alias", "group")
IDENTIFIED: Final = "web.identified"
GROUP: Final = "web.group_joined"
SKEW_MS: Final = 60_000
"""A larger difference to the sender's clock is corrected; a smaller one is taken for the time in transit."""
_NOT_CONTENT: Final = frozenset({"sentAt", "writeKey", "integrations"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Translation:
    """How calls become events."""

    namespaces: Collection[str]
    """Known namespaces of identifiers."""
    new_id: Callable[[], str]
    """Makes an id for a call that has neither an id nor a time."""
    types: Mapping[str, str]
    """Event types by the name of a track call in snake case."""


def calls_of(body: object) -> list[object] | Unroutable:
    """The calls of a batch. Each takes `sentAt`, and context key by key, from the batch where it has none itself."""
    if not isinstance(body, dict) or not isinstance(body.get("batch"), list):
        return Unroutable("batch", "an object with an array `batch` of calls expected")
    return [_completed(call, body) for call in body["batch"]]


def _completed(call: object, body: JsonObject) -> object:
    if not isinstance(call, dict):
        return call
    shared, own = body.get("context"), call.get("context")
    context = {**shared, **(own if isinstance(own, dict) else {})} if isinstance(shared, dict) else own
    return {"sentAt": body.get("sentAt"), **call, "context": context}


def event_of(
    call: object, kind: str, source: str, received_at: int, translation: Translation
) -> JsonObject | Unroutable:
    """Translate a call into an event.

    Args:
        call: As sent.
        kind: One of `CALLS`, or empty if the call names it in `type`.
        source: The event's `source`.
        received_at: When the request came, in milliseconds since the epoch.
        translation: How calls become events.
    """
    if not isinstance(call, dict):
        return Unroutable("", "a JSON object expected for each call")
    said = kind or call.get("type")
    if said not in CALLS or not isinstance(said, str):
        return Unroutable("type", f"must be one of {', '.join(CALLS)}")
    try:
        event_id = _id(call, translation)
    except orjson.JSONEncodeError:
        return Unroutable("", "nested too deeply to be handled: send a flatter event")
    event_type, data = _content(call, said, translation)
    event: JsonObject = {"specversion": SPECVERSION, "id": event_id, "source": source, "type": event_type, "data": data}
    time = _time(call, received_at)
    return event if time is None else {**event, "time": time}


def _content(call: JsonObject, kind: str, translation: Translation) -> tuple[str, JsonObject]:
    """The event's type and data."""
    properties = call.get("properties")
    fields = dict(properties) if isinstance(properties, dict) else {}
    identifiers = identifiers_of(call, kind, fields, translation.namespaces)
    if kind == "track":
        name = call.get("event")
        event_type = type_of_track(name if isinstance(name, str) else "", translation.types)
        fields = _with_our_names(fields, event_type)
    elif kind in ("page", "screen"):
        event_type, fields = "web.page_viewed", _page(call, kind, fields)
    else:
        event_type = GROUP if kind == "group" else IDENTIFIED
        fields = {name: value for name, value in {"group": call.get("groupId")}.items() if value is not None}
    if kind == "screen" or (event_type.startswith("web.") and part(call, "context", "device") is not None):
        fields.setdefault("channel", "app")
    return event_type, {**fields, "identifiers": identifiers}


def _with_our_names(fields: JsonObject, event_type: str) -> JsonObject:
    changed = renamed(fields, RENAMED.get(event_type, {}))
    items = changed.get("items")
    if isinstance(items, list):
        changed["items"] = [renamed(item, ITEM) if isinstance(item, dict) else item for item in items]
    return changed


def _page(call: JsonObject, kind: str, fields: JsonObject) -> JsonObject:
    """Fields of a page view. `url` comes from the properties, else from a screen's name, the context or the path."""
    name = call.get("name") or fields.get("name")
    address = f"screen:{name}" if kind == "screen" and isinstance(name, str) and name else None
    known = {
        "url": fields.get("url") or address or part(call, "context", "page", "url") or fields.get("path"),
        "title": fields.get("title") or part(call, "context", "page", "title"),
        "referrer": fields.get("referrer") or part(call, "context", "page", "referrer"),
        "name": name,
        "category": call.get("category") or fields.get("category"),
    }
    kept = {name: value for name, value in fields.items() if name not in known}
    return {**kept, **{name: value for name, value in known.items() if value not in (None, "")}}


def _id(call: JsonObject, translation: Translation) -> str:
    """The call's own id. Without one, a call with a time gets a hash of its content, the same when it is sent again."""
    own = call.get("messageId")
    if isinstance(own, str) and own:
        return own
    if _said_time(call) is None:
        return translation.new_id()
    content = {name: value for name, value in call.items() if name not in _NOT_CONTENT}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def _said_time(call: JsonObject) -> object:
    return next((call[name] for name in ("timestamp", "originalTimestamp") if call.get(name) is not None), None)


def _time(call: JsonObject, received_at: int) -> object:
    """When it happened, shifted by the error of the sender's clock if that exceeds `SKEW_MS`, as Segment does."""
    said, sent = _said_time(call), call.get("sentAt")
    time = parse_rfc3339(said) if isinstance(said, str) else None
    sent_at = parse_rfc3339(sent) if isinstance(sent, str) else None
    if time is None or sent_at is None or abs(received_at - sent_at) <= SKEW_MS:
        return said
    try:
        moment = _EPOCH + timedelta(milliseconds=time + received_at - sent_at)
    except OverflowError:
        return said
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def events_of(
    calls: list[object], kind: str, source: str, received_at: int, translation: Translation
) -> Iterator[JsonObject | Unroutable]:
    """Translate calls into events, one for each; see `event_of`."""
    return (event_of(call, kind, source, received_at, translation) for call in calls)
