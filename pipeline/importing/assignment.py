"""Assigns files to the inputs and lookups of a mapping."""

from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import PurePath

from pipeline.importing.mapping import Mapping, Source
from pipeline.importing.section import MappingError


def assign(mapping: Mapping, files: Sequence[str]) -> dict[str, list[str]]:
    """Assign files to the mapping's inputs and lookups by the patterns of their names.

    `NAME=FILE` names the input or lookup explicitly. A mapping with one input and no lookups takes every file for it.

    Raises:
        MappingError: A file fits nothing, a lookup has no file, or no input has one.
    """
    sources = {**mapping.inputs, **mapping.lookups}
    found: dict[str, list[str]] = {name: [] for name in sources}
    for file in files:
        name, equals, rest = file.partition("=")
        if equals and name in sources:
            found[name].append(rest)
        else:
            found[_home(mapping, sources, file)].append(file)
    _complain_of_gaps(mapping, found)
    return found


def _home(mapping: Mapping, sources: dict[str, Source], file: str) -> str:
    base = PurePath(file).name
    for name, source in sources.items():
        if source.file and fnmatch(base, source.file):
            return name
    if len(sources) == 1:
        return next(iter(sources))
    patterns = ", ".join(f"{name} ({source.file or 'no pattern'})" for name, source in sources.items())
    raise MappingError(
        f"{file}: the mapping '{mapping.name}' has no input or lookup for it; it reads {patterns}."
        " Say which with NAME=FILE"
    )


def _complain_of_gaps(mapping: Mapping, found: dict[str, list[str]]) -> None:
    for name, lookup in mapping.lookups.items():
        if not found[name]:
            raise MappingError(
                f"the mapping '{mapping.name}' looks up '{name}' in a file named like {lookup.file}; give it too"
            )
    if not any(found[name] for name in mapping.inputs):
        named = [source.file for source in mapping.inputs.values() if source.file]
        expected = f"a file named like {' or '.join(named)}" if named else f"a file for '{next(iter(mapping.inputs))}'"
        raise MappingError(f"the mapping '{mapping.name}' needs {expected}: give it, or a directory that holds it")
