"""Every effective value as text, with its origin; secrets masked."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from pipeline.settings.duration import format_duration
from pipeline.settings.fields import fields_of, is_structure
from pipeline.settings.layers import Path
from pipeline.settings.load import DEFAULT, Loaded
from pipeline.settings.secret import Secret

_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@\s]+(@)")


class Effective(msgspec.Struct, frozen=True):
    """One setting as it applies."""

    name: str
    """Dotted, e.g. `embedded.broker_port`."""
    value: str
    """As TOML would write it."""
    origin: str
    """`default`, a file and line, or an environment variable."""


def effective_values(loaded: Loaded) -> list[Effective]:
    """All settings in the order of their declaration."""
    return [
        Effective(name=".".join(path), value=text, origin=loaded.origins.get(path, DEFAULT))
        for path, text in _leaves(loaded.settings, ())
    ]


def mask_password(text: str) -> str:
    """Hide the password of an address."""
    return _PASSWORD.sub(r"\1***\2", text)


def _leaves(structure: msgspec.Struct, path: Path) -> Iterator[tuple[Path, str]]:
    for key, setting in fields_of(type(structure)).items():
        yield from _under(getattr(structure, setting.attribute), (*path, key), setting.duration)


def _under(value: Any, path: Path, duration: bool) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key in value:
            yield from _under(value[key], (*path, key), duration)
    elif is_structure(type(value)):
        yield from _leaves(value, path)
    else:
        yield path, _written(value, duration)


def _written(value: Any, duration: bool) -> str:
    if isinstance(value, Secret):
        return '"***"' if value else '""'
    if duration and isinstance(value, (int, float)) and value == int(value):
        return f'"{format_duration(int(value))}"'
    if isinstance(value, str):
        value = mask_password(value)
    if isinstance(value, (set, frozenset)):
        value = sorted(value)
    return msgspec.json.encode(value).decode()
