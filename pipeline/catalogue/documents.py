"""The catalogue's files: `<family>/<name>.json`, `<family>/<name>.examples.json`, and shared `*.json` at the top."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson

from pipeline.catalogue.error import CatalogueError
from pipeline.catalogue.touchpoint import FAMILIES

EXAMPLES_SUFFIX = ".examples.json"

JsonObject = dict[str, object]


class Document(NamedTuple):
    """One JSON file of the catalogue."""

    file: Path
    name: str
    """The event type for a schema or its examples, the file name for a shared file."""
    content: JsonObject


def shared_documents(directory: Path) -> Iterator[Document]:
    """The files at the top of a schema directory, which the schemas refer to."""
    for file in sorted(directory.glob("*.json")):
        yield Document(file, file.name, read_object(file))


def schema_documents(directory: Path) -> Iterator[Document]:
    """The schemas of a directory, one per event type."""
    for family, file in _family_files(directory):
        if not file.name.endswith(EXAMPLES_SUFFIX):
            yield Document(file, f"{family}.{file.stem}", read_object(file))


def example_documents(directory: Path) -> Iterator[Document]:
    """The example files of a directory, one per event type."""
    for family, file in _family_files(directory):
        if file.name.endswith(EXAMPLES_SUFFIX):
            yield Document(file, f"{family}.{file.name.removesuffix(EXAMPLES_SUFFIX)}", read_object(file))


def read_object(file: Path) -> JsonObject:
    """Read a JSON object.

    Raises:
        CatalogueError: The file cannot be read, or holds something else.
    """
    try:
        content: object = orjson.loads(file.read_bytes().removeprefix(BOM_UTF8))
    except OSError as error:
        raise _unreadable(file, error) from error
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise CatalogueError(file, place, "is not JSON", "Mend the syntax there") from error
    if not isinstance(content, dict):
        raise CatalogueError(file, "", "is not a JSON object", "Start it with { and end it with }")
    return content


def _family_files(directory: Path) -> Iterator[tuple[str, Path]]:
    """The files in the families' folders.

    Raises:
        CatalogueError: A folder is no family, or the directory does not exist or cannot be read.
    """
    try:
        folders = sorted(path for path in directory.iterdir() if path.is_dir())
    except (FileNotFoundError, NotADirectoryError) as error:
        remedy = "Name a directory that holds <family>/<name>.json"
        raise CatalogueError(directory, "", "is no directory", remedy) from error
    except OSError as error:
        raise _unreadable(directory, error) from error
    for folder in folders:
        files = sorted(folder.glob("*.json"))
        if files and folder.name not in FAMILIES:
            known = ", ".join(FAMILIES)
            raise CatalogueError(folder, "", "is no source family", f"Move its files to one of: {known}")
        for file in files:
            yield folder.name, file


def _unreadable(path: Path, error: OSError) -> CatalogueError:
    return CatalogueError(path, "", f"cannot be read ({error.strerror})", "Check its permissions")
