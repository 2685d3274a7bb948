"""Lay the written layers over the defaults: typed settings, and the origin of each value."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from pipeline.settings.errors import Problem, SettingsError, nearest
from pipeline.settings.fields import SettingField, fields_of, is_structure
from pipeline.settings.layers import Layer, Path
from pipeline.settings.model import Settings
from pipeline.settings.values import convert_value, written_as

Structure = TypeVar("Structure", bound=msgspec.Struct)
DEFAULT = "default"
_NAMESPACES: Final[Sequence[Path]] = (("intake", "pseudonymise"), ("journeys", "transaction_namespaces"))
"""Settings that name namespaces. An unknown name is an error: a misspelt `email` would leave emails readable."""


class Loaded(msgspec.Struct, frozen=True):
    """Settings and the origin of every value that is not a default."""

    settings: Settings
    origins: dict[Path, str]


def load(layers: Sequence[Layer]) -> Loaded:
    """Lay the layers over the defaults, the last one on top.

    Raises:
        SettingsError: Unknown keys, or values that do not fit; all of them at once, each with its place.
    """
    reading = _Reading()
    settings = reading.structure(Settings(), [(layer, layer.values) for layer in layers], ())
    if problems := reading.problems or _unknown_namespaces(settings, reading.origins):
        raise SettingsError(problems)
    return Loaded(settings=settings, origins=reading.origins)


Written = list[tuple[Layer, Any]]


class _Reading:
    """One walk over the tree of settings."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.origins: dict[Path, str] = {}

    def structure(self, default: Structure, written: Written, path: Path) -> Structure:
        known = fields_of(type(default))
        sections = self._sections(written, path)
        self._report_unknown(sections, known, path)
        values: dict[str, Any] = {}
        for key, setting in known.items():
            here = self._at(sections, setting)
            if here:
                values[setting.attribute] = self._value(
                    getattr(default, setting.attribute), setting, here, (*path, key)
                )
        return self._replaced(default, values, sections, path)

    def _replaced(self, default: Structure, values: dict[str, Any], sections: Written, path: Path) -> Structure:
        """Apply the values. A structure that refuses one raises a `ValueError` whose text begins with the key."""
        try:
            return msgspec.structs.replace(default, **values)
        except ValueError as error:
            key = re.split(r"\W", str(error), maxsplit=1)[0]
            layer = next((layer for layer, section in reversed(sections) if key in section), sections[-1][0])
            self._problem(layer, (*path, key), ".".join((*path, str(error))))
            return default

    def _sections(self, written: Written, path: Path) -> Written:
        found = []
        for layer, values in written:
            if isinstance(values, dict):
                found.append((layer, values))
            else:
                self._problem(layer, path, f"{'.'.join(path)} is a section with keys of its own, found {values!r}")
        return found

    def _report_unknown(
        self, sections: list[tuple[Layer, dict[str, Any]]], known: dict[str, SettingField], path: Path
    ) -> None:
        attributes = {setting.attribute for setting in known.values()}
        for layer, values in sections:
            for key in values:
                if key not in known and key not in attributes:
                    self._problem(layer, (*path, key), _unknown(layer, (*path, key), [*known]))

    @staticmethod
    def _at(sections: list[tuple[Layer, dict[str, Any]]], setting: SettingField) -> Written:
        """The values of a key in the layers, under its name or its attribute's name."""
        names = dict.fromkeys((setting.key, setting.attribute))
        return [
            (layer, written_as(name, values[name]) if setting.duration else values[name])
            for layer, values in sections
            for name in names
            if name in values
        ]

    def _value(self, default: Any, setting: SettingField, written: Written, path: Path) -> Any:
        if setting.section is not None:
            return self.structure(default, written, path)
        if setting.table is not None:
            return self._table(default, setting, written, path)
        return self._leaf(default, setting.type, setting.duration, written, path)

    def _leaf(self, default: Any, wanted: Any, duration: bool, written: Written, path: Path) -> Any:
        layer, value = written[-1]
        try:
            converted = convert_value(value, wanted, duration=duration, text=layer.text)
        except ValueError as error:
            self._problem(layer, path, f"{'.'.join(path)}: {error}")
            return default
        self.origins[path] = layer.place(path)
        return converted

    def _table(self, default: dict[str, Any], setting: SettingField, written: Written, path: Path) -> dict[str, Any]:
        """Lay a table over the default key by key: keys that are not written keep their default."""
        if any(not isinstance(values, dict) for _, values in written):
            return dict(self._leaf(default, setting.type, setting.duration, written, path))
        merged = dict(default)
        for key in dict.fromkeys(key for _, values in written for key in values):
            here = [(layer, values[key]) for layer, values in written if key in values]
            known = merged.get(key)
            if is_structure(setting.table) and known is not None:
                merged[key] = self.structure(known, here, (*path, key))
            else:
                value = self._leaf(None, setting.table, setting.duration, here, (*path, key))
                if value is not None:
                    merged[key] = value
        return merged

    def _problem(self, layer: Layer, path: Path, message: str) -> None:
        self.problems.append(Problem(place=layer.place(path), message=message))


def _unknown_namespaces(settings: Settings, origins: Mapping[Path, str]) -> list[Problem]:
    known = sorted(settings.identity.namespaces)
    return [
        Problem(
            place=origins.get((section, key), DEFAULT),
            message=f"{section}.{key}: there is no namespace '{name}'; {_meant(name, known)}",
        )
        for section, key in _NAMESPACES
        for name in sorted(getattr(getattr(settings, section), key))
        if name not in settings.identity.namespaces
    ]


def _meant(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    return f"did you mean '{near}'?" if near else f"known: {', '.join(known)}"


def _unknown(layer: Layer, path: Path, known: list[str]) -> str:
    near = nearest(path[-1], known)
    meant = _parted(path) or (near and (*path[:-1], near))
    if not meant:
        return f"unknown setting {'.'.join(path)}; known here: {', '.join(sorted(known))}"
    return f"unknown setting {'.'.join(path)}; did you mean {layer.place(meant) if layer.text else '.'.join(meant)}?"


def _parted(path: Path) -> Path | None:
    """The setting meant by a key with a single `_` after its section: `collector_port` means `collector.port`."""
    written = "_".join(path)
    for known, is_table in _all_settings(Settings, ()):
        name = "_".join(known)
        if written == name:
            return known
        if is_table and written.startswith(f"{name}_"):
            return (*known, written.removeprefix(f"{name}_"))
    return None


def _all_settings(structure: type[msgspec.Struct], path: Path) -> Iterator[tuple[Path, bool]]:
    """Every setting and section below one, and whether it is a table with keys of the user's own."""
    for key, setting in fields_of(structure).items():
        yield (*path, key), setting.table is not None
        if setting.section is not None:
            yield from _all_settings(setting.section, (*path, key))
