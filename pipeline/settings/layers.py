"""The sources of values: a TOML file and the environment, each read into a tree of values as written."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import msgspec

from pipeline.settings.errors import Problem, SettingsError
from pipeline.settings.fields import DURATION_SUFFIX

PREFIX = "TOUCHLINE_"
NOT_SETTINGS = frozenset({"TOUCHLINE_CONFIG"})
"""Variables with our prefix that are not settings."""

_SECTION = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\-\"']+)\s*=")

Path = tuple[str, ...]


class Layer(msgspec.Struct, frozen=True):
    """Values as written in one source, and where each of them is."""

    values: dict[str, Any]
    name: str
    """The file, or `environment`."""
    text: bool
    """Whether every value is text, as in the environment."""
    lines: dict[Path, int] = {}
    """Line numbers of sections and keys in a file."""

    def place(self, path: Path) -> str:
        """Where a key, or else its section, is written, e.g. `touchline.toml line 4` or `TOUCHLINE_WEB_PORT`."""
        written = self._written(path)
        if self.text:
            return PREFIX + "__".join(written).upper()
        line = next((self.lines[written[:end]] for end in range(len(path), 0, -1) if written[:end] in self.lines), None)
        return f"{self.name} line {line}" if line else self.name

    def _written(self, path: Path) -> Path:
        """The keys as this source writes them: those of durations may end in `_ms`."""
        found: list[str] = []
        node: Any = self.values
        for key in path:
            keys = node if isinstance(node, dict) else {}
            found.append(key if key in keys or key + DURATION_SUFFIX not in keys else key + DURATION_SUFFIX)
            node = keys.get(found[-1])
        return tuple(found)


def file_layer(name: str, content: str) -> Layer:
    """Read a TOML file.

    Raises:
        SettingsError: Not TOML.
    """
    try:
        values = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([Problem(place=name, message=f"not valid TOML: {error}")]) from error
    return Layer(values=values, name=name, text=False, lines=_line_numbers(content))


def environment_layer(environment: Mapping[str, str]) -> Layer:
    """Read the `TOUCHLINE_*` variables; `__` separates a section from its key. Empty ones count as not set."""
    values: dict[str, Any] = {}
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name in NOT_SETTINGS or not environment[name]:
            continue
        *sections, key = name.removeprefix(PREFIX).lower().split("__")
        node = values
        for section in sections:
            inner = node.setdefault(section, {})
            if not isinstance(inner, dict):
                raise SettingsError([Problem(place=name, message=f"{section} is set both as a section and as a value")])
            node = inner
        node[key] = environment[name]
    return Layer(values=values, name="environment", text=True)


def _line_numbers(content: str) -> dict[Path, int]:
    """Find the lines of sections and keys, which `tomllib` does not report."""
    found: dict[Path, int] = {}
    section: Path = ()
    for number, line in enumerate(content.splitlines(), start=1):
        if header := _SECTION.match(line):
            section = _split(header[1])
            found.setdefault(section, number)
        elif assignment := _KEY.match(line):
            found.setdefault(section + _split(assignment[1]), number)
    return found


def _split(name: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in name.split("."))
