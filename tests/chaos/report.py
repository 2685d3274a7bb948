"""What a run of the fault suite found."""

from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Final

import msgspec

HEADER: Final = (
    "| fault | strikes | events sent | lost | doubled | wrong rows | stall at most | recovery | worker memory |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One fault's run. Times in seconds."""

    name: str
    summary: str
    skipped: str = ""
    """Why it was skipped; empty if it ran."""
    broken_off: str = ""
    """Why the run could not be finished; empty if it was."""
    strikes: int = 0
    seconds: float = 0.0
    """How long the load lasted."""
    sent: int = 0
    """Events that were acknowledged, rejections among them, each counted once."""
    rejected: int = 0
    doubles: int = 0
    """Events sent a second time, on purpose."""
    late: int = 0
    """Events that were sent late, after hundreds or thousands of later ones."""
    moved: int = 0
    """Touchpoints whose customer is not their own address."""
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    first_wrong: str = ""
    longest_stall: float = 0.0
    recoveries: tuple[float | None, ...] = ()
    """For each strike, the time from its end until all events sent by then were stored; None: that was never seen."""
    worker_starts: int = 0
    worker_ends: tuple[int, ...] = ()
    """Exit statuses of workers that ended and were started again; -9 is a kill."""
    memory: dict[str, float] = {}
    """The highest resident memory of each process, in mebibytes."""
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    """What makes the run invalid or wrong, whatever the tables say."""

    @property
    def right(self) -> bool:
        """Whether the run was finished without problems, and nothing was lost, doubled or wrong."""
        return not (self.broken_off or self.lost or self.doubled or self.wrong or self.problems)

    def row(self) -> str:
        """A row of the report's table."""
        if self.skipped:
            return f"| {self.summary} | skipped: {self.skipped} | | | | | | | |"
        if self.broken_off:
            return f"| {self.summary} | broken off: {self.broken_off.splitlines()[0]} | | | | | | | |"
        recovery = max((inf if seconds is None else seconds for seconds in self.recoveries), default=0.0)
        summary = "; ".join((self.summary, *self.notes, *(f"**{problem}**" for problem in self.problems)))
        most = max((figure for name, figure in self.memory.items() if name.startswith("worker")), default=0)
        return (
            f"| {summary} | {self.strikes} | {self.sent:,} | {self.lost} | {self.doubled} | {self.wrong} "
            f"| {self.longest_stall:.0f} s | {f'{recovery:.0f} s' if recovery < inf else 'never'} | {most:.0f} MiB |"
        )


def write_report(outcomes: Sequence[Outcome], directory: Path) -> str:
    """Write `report.json` and `report.md`; returns the table."""
    table = "\n".join((HEADER, *(outcome.row() for outcome in outcomes)))
    (directory / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(outcomes)))
    (directory / "report.md").write_text(f"{table}\n")
    return table
