"""The saved results of a run, from which the report can be written again without measuring again."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.benchmarks.section import Cell, Plot, Section


class Table(msgspec.Struct, frozen=True):
    """A section with its measurements."""

    key: str
    title: str
    method: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    plots: tuple[Plot, ...] = ()


class Results(msgspec.Struct, frozen=True):
    """One run."""

    scale: str
    machine: dict[str, str]
    tables: tuple[Table, ...]

    def save(self, path: Path) -> None:
        """Write as JSON."""
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n")

    @classmethod
    def load(cls, path: Path) -> "Results":
        """Read what `save` wrote."""
        return msgspec.json.decode(path.read_bytes(), type=cls)


def table_of(section: Section, rows: Sequence[tuple[Cell, ...]]) -> Table:
    """A section with its rows.

    Raises:
        ValueError: A row does not fit the columns.
    """
    for row in rows:
        if len(row) != len(section.columns):
            raise ValueError(f"section {section.key} has {len(section.columns)} columns, a row {len(row)}: {row}")
    return Table(
        section.key, section.title, " ".join(section.method.split()), section.columns, tuple(rows), section.plots
    )
