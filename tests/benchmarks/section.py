"""A section of the report: what is measured, how, and the resulting rows."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from tests.benchmarks.scale import Scale

Cell = str | int | float | None
"""None: does not apply."""
Row = tuple[Cell, ...]


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a section's rows. Columns are named by their headings."""

    kind: Literal["bars", "lines"]
    x: tuple[str, ...]
    """Names of the bars, or the numbers along the lines."""
    y: tuple[str, ...]
    """One series each."""
    by: str = ""
    """A column whose values get a line each."""
    label: str
    """Label of the other axis."""
    log: bool = False
    """Whether the axis along the lines is logarithmic."""


class Bench(msgspec.Struct):
    """The context of a run, which is passed to every section."""

    scale: Scale
    python: Path | None
    """The interpreter of the peers' environment; None: without the peers."""
    capacity: float = 0.0
    """Events per second of the complete job on one worker; 0 until it was measured."""
    kept: dict[str, list[Row]] = msgspec.field(default_factory=dict)
    """Rows that another section measured as well, by the section that they belong to."""

    def say(self, text: str) -> None:
        """Print progress."""
        print(f"  {text}", flush=True)


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One table of the report."""

    key: str
    title: str
    method: str
    """How it is measured, and what to beware of: one paragraph of Markdown; line breaks do not matter."""
    columns: tuple[str, ...]
    measure: Callable[[Bench], Sequence[Row]]
    plots: tuple[Plot, ...] = ()
