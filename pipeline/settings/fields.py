"""The keys of a settings structure, found from its type."""

from typing import Any, get_args, get_origin

import msgspec
from msgspec.structs import fields as struct_fields

from pipeline.settings.secret import Secret

DURATION_SUFFIX = "_ms"


class SettingField(msgspec.Struct, frozen=True):
    """One key of a section."""

    attribute: str
    """The attribute of the structure."""
    key: str
    """The name in files and in the environment; that of a duration has no `_ms`."""
    type: Any
    duration: bool
    """Whether the value is in milliseconds and is written as a duration."""

    @property
    def section(self) -> type[msgspec.Struct] | None:
        """The nested structure, if the key is a section."""
        return self.type if is_structure(self.type) else None

    @property
    def table(self) -> Any | None:
        """The type of a mapping's values, if the key is a table whose keys the user chooses."""
        return get_args(self.type)[1] if get_origin(self.type) is dict else None


def is_structure(candidate: Any) -> bool:
    """Whether a type is a structure with keys of its own."""
    return isinstance(candidate, type) and issubclass(candidate, msgspec.Struct) and candidate is not Secret


def fields_of(structure: type[msgspec.Struct]) -> dict[str, SettingField]:
    """The keys of a section, by name. A duration keeps its `_ms` where another key has the name without it."""
    fields = struct_fields(structure)
    attributes = {field.name for field in fields}
    found = {}
    for field in fields:
        short = field.name.removesuffix(DURATION_SUFFIX)
        duration = short != field.name
        key = field.name if duration and short in attributes else short
        found[key] = SettingField(attribute=field.name, key=key, type=field.type, duration=duration)
    return found
