"""Runs mappings over texts instead of files."""

from collections.abc import Iterable

from pipeline.importing.loading import parse_mapping
from pipeline.importing.mapper import MappedEvent
from pipeline.importing.row import Json, Rejected
from pipeline.importing.run import Unmapped, run

HEAD = """
name = "shop"
[inputs.rows]
"""
EVENT = """
[[events]]
type = "web.page_viewed"
identifiers.customer_id = "id"
"""


def outcomes(mapping: str, files: dict[str, str]) -> list[MappedEvent | Rejected | Unmapped]:
    """All outcomes of importing these files."""

    def open_lines(path: str, encoding: str) -> Iterable[str]:
        return files[path].splitlines(keepends=True)

    return list(run(parse_mapping(mapping, "shop.toml"), list(files), open_lines))


def events(mapping: str, files: dict[str, str]) -> list[dict[str, Json]]:
    """The events of an import in which nothing may be rejected."""
    made = outcomes(mapping, files)
    assert not [outcome for outcome in made if isinstance(outcome, Rejected)]
    return [outcome.event for outcome in made if isinstance(outcome, MappedEvent)]


def data(value: str, columns: str, cells: str, head: str = HEAD) -> Json:
    """The value of the field `it`, mapped by a line of TOML, for a row of one file; None where it is left out."""
    (event,) = events(f"{head}{EVENT}data.it = {value}\n", {"rows.csv": f"id,{columns}\n7,{cells}\n"})
    body = event["data"]
    assert isinstance(body, dict)
    return body.get("it")


def rejection(value: str, columns: str, cells: str, head: str = HEAD) -> Rejected:
    """The rejection of the only row."""
    (outcome,) = outcomes(f"{head}{EVENT}data.it = {value}\n", {"rows.csv": f"id,{columns}\n7,{cells}\n"})
    assert isinstance(outcome, Rejected)
    return outcome
