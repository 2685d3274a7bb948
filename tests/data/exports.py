"""The public data sets in `../shared/data`, and the events that the shipped mappings make of them."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path

import pytest

from pipeline.adapters.export_files import expand, open_lines
from pipeline.importing.loading import parse_mapping
from pipeline.importing.mapper import MappedEvent
from pipeline.importing.row import Json
from pipeline.importing.run import Unmapped, run
from pipeline.importing.shipped import shipped_mappings

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def directory(name: str) -> Path:
    """The directory of a data set; skips the test if it is missing."""
    found = DATA / name
    if not found.is_dir():
        pytest.skip(f"the data set is not here: ../shared/data/{name}")
    return found


def rows(file: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file, read by `csv` alone."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    yield from csv.DictReader(StringIO(content.decode("utf-8"), newline=""))


def mapped(name: str, files: Iterable[Path]) -> list[dict[str, Json]]:
    """The events that a shipped mapping makes of files or directories; nothing may be rejected."""
    mapping = parse_mapping(shipped_mappings()[name], name)
    patterns = [source.file for source in (*mapping.inputs.values(), *mapping.lookups.values())]
    events = []
    for outcome in run(mapping, expand(map(str, files), patterns), open_lines):
        assert isinstance(outcome, MappedEvent | Unmapped), outcome
        if isinstance(outcome, MappedEvent):
            events.append(outcome.event)
    return events


def body(event: dict[str, Json]) -> dict[str, Json]:
    """The `data` of an event."""
    data = event["data"]
    assert isinstance(data, dict)
    return data


def identifiers(event: dict[str, Json]) -> dict[str, Json]:
    """The identifiers of an event."""
    found = body(event)["identifiers"]
    assert isinstance(found, dict)
    return found
