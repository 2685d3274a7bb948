"""What ServiceNow's log says about tickets, computed without the pipeline."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path

from tests.data.exports import rows

RESOLUTION = timedelta(hours=72)
COLUMNS = (
    *("number", "caller_id", "incident_state", "opened_at", "sys_updated_at"),
    *("reassignment_count", "reopen_count"),
)


class Ticket:
    """One ticket: its rows in the log, one for each change."""

    def __init__(self, audit: list[dict[str, str]]) -> None:
        first = audit[0]
        self.number = first["number"]
        self.customer = f"ticket_id:{self.number}" if first["caller_id"] == "?" else f"customer_id:{first['caller_id']}"
        self.reopenings = sum(int(now["reopen_count"]) > int(before["reopen_count"]) for before, now in pairwise(audit))
        transfers = sum(
            int(now["reassignment_count"]) > int(before["reassignment_count"]) for before, now in pairwise(audit)
        )
        self.bounced = transfers >= 2
        self.slow = not any(
            timedelta(0) <= time - utc(first["opened_at"]) <= RESOLUTION for time in _resolutions(audit)
        )


def tickets(directory: Path) -> list[Ticket]:
    """Every ticket."""
    slim = ({name: row[name] for name in COLUMNS} for row in rows(directory / "incident_event_log.csv.gz"))
    return [Ticket(list(audit)) for _, audit in groupby(slim, key=lambda row: row["number"])]


def utc(text: str) -> datetime:
    """A time of the log."""
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)


def _resolutions(audit: Iterable[dict[str, str]]) -> Iterator[datetime]:
    """When the ticket was resolved or closed."""
    state = ""
    for row in audit:
        if row["incident_state"] != state and row["incident_state"] in ("Resolved", "Closed"):
            yield utc(row["sys_updated_at"])
        state = row["incident_state"]
