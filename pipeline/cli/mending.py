"""Mend a rejected message before it is sent again."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import orjson

from pipeline.cli.emission import Refused

Path = tuple[str, ...]
_TEXTS: Final = frozenset({"specversion", "id", "source", "type", "time"})
"""CloudEvents attributes that are always texts: `specversion=1.0` sets the text, not a number."""


class Mend(msgspec.Struct, frozen=True):
    """What to change in a payload."""

    content: bytes | None = None
    """Replaces the payload."""
    assignments: Sequence[tuple[Path, object]] = ()
    removals: Sequence[Path] = ()

    def apply(self, payload: bytes) -> bytes | Refused:
        """The mended payload; the same bytes if there is nothing to change."""
        text = payload if self.content is None else self.content
        if not self.assignments and not self.removals:
            return text
        try:
            event = orjson.loads(text)
        except orjson.JSONDecodeError:
            return Refused("it is not JSON, so no field can be set: give the whole message by --with")
        if not isinstance(event, dict):
            return Refused("it is not one event, so no field can be set: give the whole message by --with")
        for path, value in self.assignments:
            if refused := _assign(event, path, value):
                return refused
        for path in self.removals:
            _remove(event, path)
        try:
            return orjson.dumps(event)
        except TypeError:  # orjson reads deeper nesting than it writes
            return Refused("it is nested too deeply for a field to be set: give the whole message by --with")


def parse_path(text: str) -> Path:
    """Read `data.identifiers.customer_id`.

    Raises:
        ValueError: A part is empty.
    """
    path = tuple(text.split("."))
    if not all(path):
        raise ValueError(f"a field such as data.amount expected, found {text!r}")
    return path


def parse_assignment(text: str) -> tuple[Path, object]:
    """Read `data.amount=12.5`. A value that parses as JSON is JSON, any other is text; attributes in `_TEXTS` are text.

    Raises:
        ValueError: There is no `=`, or no field before it.
    """
    field, equals, written = text.partition("=")
    if not equals:
        raise ValueError(f"FIELD=VALUE expected, found {text!r}")
    try:
        value: object = orjson.loads(written)
    except orjson.JSONDecodeError:
        value = written
    return parse_path(field), written if field in _TEXTS and not isinstance(value, str) else value


def _assign(event: dict[str, Any], path: Path, value: object) -> Refused | None:
    node = event
    for name in path[:-1]:
        node = node.setdefault(name, {})
        if not isinstance(node, dict):
            return Refused(f"{name} holds no fields, so {'.'.join(path)} cannot be set")
    node[path[-1]] = value
    return None


def _remove(event: dict[str, Any], path: Path) -> None:
    node: object = event
    for name in path[:-1]:
        node = node.get(name) if isinstance(node, dict) else None
    if isinstance(node, dict):
        node.pop(path[-1], None)
