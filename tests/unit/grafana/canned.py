"""Data sources with fixed answers."""

from dataclasses import dataclass, field

from grafana.preview.answers import Series, Table

HOUR = 3600.0
NOTHING = Table((), ())


@dataclass
class Canned:
    """Answers every PromQL query with the same series, and every SQL query with the same table, charts with another."""

    series: list[Series]
    rows: Table
    points: Table = NOTHING
    since: float = 0.0
    until: float = 6 * HOUR
    asked: list[str] = field(default_factory=list)
    steps: dict[str, int] = field(default_factory=dict)
    """The shortest step asked for, by query over time."""

    def at_once(self, expression: str) -> list[Series]:
        """The series with their last values."""
        self.asked.append(expression)
        return [Series(one.labels, one.times[-1:], one.values[-1:]) for one in self.series]

    def last(self, seconds: float) -> "Canned":
        """Itself: the answers are fixed."""
        return self

    def over_time(self, expression: str, step: int = 0) -> list[Series]:
        """The series."""
        self.asked.append(expression)
        self.steps[expression] = step
        return self.series

    def table(self, sql: str, step: int = 0) -> Table:
        """The table, or that of a chart."""
        self.asked.append(sql)
        return self.points if "$__timeInterval" in sql else self.rows
