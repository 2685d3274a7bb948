"""Dead letters as text that is safe for a terminal, although their payloads may hold anything."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Final

import orjson

from pipeline.adapters.clickhouse.letters import LetterRow
from pipeline.cli.shown import HIDDEN, printable
from pipeline.events.dead_letter import Reason

LONGEST_PAYLOAD: Final = 8_000
"""Characters of a payload that are shown."""
TO_DO: Final[dict[str, str]] = {
    Reason.TOO_LARGE: "Send less in one message, or raise the limit in `intake`; then replay it.",
    Reason.NOT_JSON: "Mend the sender's encoder. To mend this: `show --raw ID > FILE`, edit, `replay ID --with FILE`.",
    Reason.TOO_DEEP: "Send flatter data, or raise `intake.max_depth`; then replay it.",
    Reason.NOT_AN_EVENT: "Mend the attribute at the sender; `replay ID --set NAME=VALUE` mends this one.",
    Reason.UNKNOWN_TYPE: "Add a schema for it (setting `schemas`), restart the workers, replay; or mend the name.",
    Reason.WRONG_TOPIC: "Send it to its family's topic. A replay sends it there.",
    Reason.BAD_TIME: "Mend the time at the sender; `replay ID --set time=2026-03-01T10:00:00Z` mends this one.",
    Reason.IN_THE_FUTURE: "Mend the sender's clock. Once its time has passed, a replay is accepted as it is.",
    Reason.NO_IDENTIFIER: "Send an identifier; `replay ID --set data.identifiers.customer_id=42` adds it here.",
    Reason.INVALID_DATA: "Mend the field at the sender, or the schema; `replay ID --set data.FIELD=VALUE` mends this.",
    Reason.REFUSED_BY_STORE: "Mend the constraint or the view on ClickHouse's table that refuses it; then replay it.",
}
"""What to do about a letter, by reason."""


def state(letter: LetterRow) -> str:
    """Whether the letter still waits, and how often it was sent again."""
    times = "once" if letter.replays == 1 else f"{letter.replays} times"
    if letter.replayed_at is not None:
        return f"sent again {times}, last at {moment(letter.replayed_at)}, and not rejected since"
    return f"waits; was sent again {times} and rejected again" if letter.replays else "waits"


def state_word(letter: LetterRow) -> str:
    """The same in a word or two."""
    if letter.replayed_at is not None:
        return "sent again"
    return "rejected again" if letter.replays else "waits"


def letter_json(letter: LetterRow) -> str:
    """A letter as a line of JSON, without its payload."""
    fields = {name: getattr(letter, name) for name in letter.__struct_fields__ if name != "payload"}
    return orjson.dumps({**fields, "state": state_word(letter)}).decode()


def moment(time: datetime) -> str:
    """A time in RFC 3339."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def letter_lines(letter: LetterRow, hidden: Collection[str]) -> Iterator[str]:
    """Everything about a letter; the values of `hidden` namespaces are masked."""
    yield f"id        {letter.id}"
    yield f"received  {moment(letter.received_at)}"
    yield f"from      {letter.position}"
    yield f"type      {printable(letter.type) or '-'}"
    yield f"reason    {letter.reason}"
    yield f"detail    {printable(letter.detail)}"
    yield f"state     {state(letter)}"
    yield f"to do     {TO_DO.get(letter.reason, 'this version does not know the reason; a newer one may')}"
    yield f"payload   {len(letter.payload):,} bytes"
    text = payload_text(letter.payload, hidden)
    yield text[:LONGEST_PAYLOAD]
    if len(text) > LONGEST_PAYLOAD:
        yield f"… {len(text) - LONGEST_PAYLOAD:,} more characters; --raw gives every byte"


def payload_text(payload: bytes, hidden: Collection[str]) -> str:
    """A payload to look at: JSON indented and personal identifiers masked, anything else as text with escapes."""
    try:
        content = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return printable(payload.decode("utf-8", "backslashreplace"))
    for event in content if isinstance(content, list) else [content]:
        _mask(event, hidden)
    try:
        return printable(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode())
    except TypeError:  # orjson reads deeper nesting than it writes
        return f"nested too deeply to be shown with {', '.join(sorted(hidden))} hidden; --raw gives every byte"


def _mask(event: object, hidden: Collection[str]) -> None:
    data = event.get("data") if isinstance(event, dict) else None
    identifiers = data.get("identifiers") if isinstance(data, dict) else None
    if isinstance(identifiers, dict):
        for namespace in identifiers.keys() & set(hidden):
            identifiers[namespace] = HIDDEN
