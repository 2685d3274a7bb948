"""A mapping: the inputs it reads, the files it looks things up in, and the events it makes."""

import msgspec

from pipeline.importing.condition import Condition
from pipeline.importing.value import Value

FORMATS = ("csv", "ndjson", "json")
ROWS = ("any", "first", "later")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A file that rows are read from."""

    name: str
    """Its name in the mapping."""
    file: str
    """Glob pattern of its file name; empty: no name matches. A mapping's only source takes any file."""
    format: str
    """One of `FORMATS`; empty: by the file's name."""
    delimiter: str
    encoding: str
    key: str = ""
    """Inputs: the column that groups the rows of an audit trail, or empty. Lookups: the column with the key."""
    columns: frozenset[str] = frozenset()
    """The columns that the mapping reads."""
    whole: bool = False
    """Whether whole rows are needed: an id that is a hash of the row reads all of it."""


class EventRule(msgspec.Struct, frozen=True, kw_only=True):
    """One event that a row may give."""

    input: str
    type: str
    id: Value | None
    """None: a hash of the type and the row."""
    source: str
    time: Value | None
    """None: the time at which the pipeline receives the event."""
    row: str
    """One of `ROWS`: which rows of a group it is about."""
    conditions: tuple[Condition, ...]
    identifiers: Value
    data: Value


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a mapping file says."""

    name: str
    description: str
    missing: frozenset[str]
    """Cells with this text count as missing; so do empty ones."""
    inputs: dict[str, Source]
    lookups: dict[str, Source]
    events: tuple[EventRule, ...]
