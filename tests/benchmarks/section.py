"""A section of the report: what is measured, how, and the rows that come out."""

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
    """A column that tells lines apart."""
    label: str
    """What the other axis shows."""
    log: bool = False
    """Whether the numbers along the lines are spread by their logarithm."""


class Bench(msgspec.Struct):
    """What a run of the benchmarks hands to every section."""

    scale: Scale
    python: Path | None
    """The interpreter of the peers' environment; None: without the peers."""
    capacity: float = 0.0
    """Events per second of the complete job on one worker, once that is known."""
    kept: dict[str, list[Row]] = msgspec.field(default_factory=dict)
    """Rows by section that were measured on the way by another one."""

    def say(self, text: str) -> None:
        """Tell whoever waits for it."""
        print(f"  {text}", flush=True)


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One table of the report."""

    key: str
    title: str
    method: str
    """How it is measured, and what to beware of: one paragraph of Markdown, however it is broken into lines."""
    columns: tuple[str, ...]
    measure: Callable[[Bench], Sequence[Row]]
    plots: tuple[Plot, ...] = ()
