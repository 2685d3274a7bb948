"""The result of an import."""

from collections import Counter

from pipeline.importing.mapper import MappedEvent
from pipeline.importing.repeats import Repeats
from pipeline.importing.row import Rejected
from pipeline.importing.run import Unmapped
from pipeline.importing.unseen import Unseen

EXAMPLES = 10


class Summary:
    """Counts the outcomes of an import, and keeps the first rejection of each kind as an example."""

    def __init__(self) -> None:
        self.events: Counter[str] = Counter()
        """Events by type."""
        self.repeats = Repeats()
        """Events with the id of another that differs."""
        self.unseen = Unseen()
        """Columns that no row has; `run` shows it the rows."""
        self.unmapped = 0
        """Rows that matched no event of the mapping."""
        self.rejected: Counter[tuple[str, str, str]] = Counter()
        """Rejections by event type, column and what was expected."""
        self.examples: dict[tuple[str, str, str], Rejected] = {}
        """The first of each kind."""

    def add(self, outcome: MappedEvent | Rejected | Unmapped) -> None:
        """Count one outcome."""
        if isinstance(outcome, MappedEvent):
            self.events[str(outcome.event["type"])] += 1
            self.repeats.add(outcome)
        elif isinstance(outcome, Unmapped):
            self.unmapped += 1
        else:
            kind = outcome.event, outcome.column, outcome.expected
            self.rejected[kind] += 1
            self.examples.setdefault(kind, outcome)

    @property
    def made(self) -> int:
        """How many events were made."""
        return self.events.total()

    @property
    def failures(self) -> int:
        """How many rows could not be read, and events could not be made."""
        return self.rejected.total()

    def lines(self) -> list[str]:
        """The summary for people."""
        lines = [f"{count:>10,}  {type_}" for type_, count in sorted(self.events.items())]
        lines.append(f"{self.made:>10,}  events")
        if first := self.repeats.first:
            lines += [
                f"{self.repeats.count:>10,}  of them have the id of an earlier, different event, and the pipeline keeps"
                " only one: make 'id' unique. The first",
                f"            {first.file}, line {first.line}: '{first.event['id']}' (for {first.event['type']})",
            ]
        lines += [f"{'':>12}{line}" for line in self.unseen.lines()]
        if self.unmapped:
            lines.append(f"{self.unmapped:>10,}  rows that matched no event of the mapping")
        if self.failures:
            shown = self.rejected.most_common(EXAMPLES)
            lines.append(f"{self.failures:>10,}  rejected, by kind, each with its first example")
            lines += [f"{count:>16,}  {self.examples[kind]}" for kind, count in shown]
            if others := self.failures - sum(count for _, count in shown):
                lines.append(f"{others:>16,}  of other kinds")
        return lines
