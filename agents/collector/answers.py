"""Responses: problem documents (RFC 9457), and what was accepted."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import orjson
from aiohttp import web

from pipeline.collecting.fault import Fault, Kind
from pipeline.collecting.sorting import Refused

PROBLEM: Final = "application/problem+json"
RETRY_SECONDS: Final = 2
SHOWN: Final = 100
"""Most refused events that a response lists; the others are only counted."""


class _Form(NamedTuple):
    status: int
    title: str


FORMS: Final[Mapping[Kind, _Form]] = {
    Kind.NOT_JSON: _Form(400, "The body is not JSON"),
    Kind.NOT_EVENTS: _Form(400, "The body does not match the request"),
    Kind.REFUSED_EVENTS: _Form(400, "Events were refused"),
    Kind.DAMAGED: _Form(400, "The body is damaged"),
    Kind.WRITE_KEY: _Form(401, "A write key is needed"),
    Kind.ORIGIN: _Form(403, "Pages of this site may not send"),
    Kind.NOT_FOUND: _Form(404, "No such path"),
    Kind.METHOD: _Form(405, "Method not allowed"),
    Kind.TOO_SLOW: _Form(408, "The body took too long"),
    Kind.TOO_LARGE: _Form(413, "The body is too large"),
    Kind.MEDIA_TYPE: _Form(415, "Unsupported media type"),
    Kind.ENCODING: _Form(415, "Unsupported content encoding"),
    Kind.BUSY: _Form(429, "Too many events in flight"),
    Kind.INTERNAL: _Form(500, "Internal error in the collector"),
    Kind.NO_BROKER: _Form(503, "The broker does not acknowledge"),
}
AGAIN: Final = frozenset({Kind.BUSY, Kind.NO_BROKER})
"""Problems after which the client should send the same again."""


def problem(fault: Fault, more: Mapping[str, object] | None = None) -> web.Response:
    """A problem document. `code` and `message` are for Segment's libraries, which show them."""
    form = FORMS[fault.kind]
    document = {
        "type": f"urn:touchline:problem:{fault.kind}",
        "title": form.title,
        "status": form.status,
        "detail": fault.detail,
        **(more or {}),
        "code": fault.kind,
        "message": fault.detail,
    }
    headers = {}
    if fault.kind in AGAIN:
        headers["Retry-After"] = str(RETRY_SECONDS)
    if fault.kind is Kind.WRITE_KEY:
        headers["WWW-Authenticate"] = 'Basic realm="touchline"'
    return web.Response(status=form.status, body=_json(document), content_type=PROBLEM, headers=headers)


def outcome(
    accepted: int, refused: Sequence[Refused], waiting: Sequence[int], taken: Mapping[str, object], status: int
) -> web.Response:
    """The response about a request's events.

    Args:
        accepted: How many the broker has acknowledged.
        refused: Those that will never be accepted as they are.
        waiting: Indexes of those that the broker has not acknowledged; they may have arrived all the same.
        taken: The body if all were accepted.
        status: The status if all were accepted.
    """
    if not refused and not waiting:
        return web.Response(status=status, body=_json(taken), content_type="application/json")
    more = {
        "accepted": accepted,
        "refused_count": len(refused),
        "refused": [{"index": one.index, "field": one.field, "detail": one.detail} for one in refused[:SHOWN]],
        "unacknowledged_count": len(waiting),
        "unacknowledged": list(waiting),
    }
    total = accepted + len(refused) + len(waiting)
    if waiting:
        detail = f"{len(waiting)} of {total} events were not acknowledged in time: send them again, with the same ids"
        return problem(Fault(Kind.NO_BROKER, detail), more)
    first = refused[0]
    where = f"{first.field}: " if first.field else ""
    others = ", the others are taken" if accepted else ""
    detail = f"{len(refused)} of {total} events were refused{others}. Mend these and send them again. "
    return problem(Fault(Kind.REFUSED_EVENTS, f"{detail}Event {first.index}: {where}{first.detail}"), more)


def _json(document: Mapping[str, object]) -> bytes:
    """Encode as JSON, with a newline at the end for readers in a terminal."""
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
