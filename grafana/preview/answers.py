"""What the data sources return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Series:
    """A series of a PromQL query."""

    labels: Mapping[str, str]
    times: Sequence[float]
    """Seconds since the epoch."""
    values: Sequence[float]
    legend: str = ""

    @property
    def last(self) -> float:
        """The newest value that is a number; NaN if there is none."""
        return next((value for value in reversed(self.values) if value == value), float("nan"))


@dataclass(frozen=True)
class Table:
    """The result of a SQL query."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


class Sources(Protocol):
    """The two data sources over one time range."""

    since: float
    """Beginning of the time range, seconds since the epoch."""
    until: float
    """Its end."""

    def last(self, seconds: float) -> "Sources":
        """Return the same sources over the last `seconds` of the time range, or all of it if it is shorter."""
        ...

    def at_once(self, expression: str) -> list[Series]:
        """The series of a PromQL query with variables, each with its value at the end of the time range."""
        ...

    def over_time(self, expression: str, step: int = 0) -> list[Series]:
        """The series of a PromQL query with variables, over the time range; `step`: the shortest step, seconds."""
        ...

    def table(self, sql: str, step: int = 0) -> Table:
        """The rows of a SQL query with variables and macros; `step`: the shortest step of a chart, seconds."""
        ...
