"""ServiceNow's incident log in full through the whole pipeline, against what it says when it is read in another way."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data.exports import directory
from tests.end_to_end.servicenow import Ticket, tickets
from tests.servers.stack import StackProcess

pytestmark = [pytest.mark.stack, pytest.mark.data, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def log() -> Path:
    return directory("servicenow")


@pytest.fixture(scope="module")
def expected(log: Path) -> list[Ticket]:
    return tickets(log)


@pytest.fixture(scope="module")
def stack(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """A stack that has the whole log."""
    with StackProcess(tmp_path_factory.mktemp("servicenow") / "data") as process:
        process.done("import", "servicenow", str(log))
        process.settle()
        yield process


def test_every_ticket_is_opened_once_by_its_caller(stack: StackProcess, expected: list[Ticket]) -> None:
    found = stack.rows("SELECT event_id, customer FROM touchpoints WHERE type = 'support.ticket_opened'")
    assert Counter(found) == Counter((f"{ticket.number}/opened", ticket.customer) for ticket in expected)
    assert len(found) == 24_918


def test_bounced(stack: StackProcess, expected: list[Ticket]) -> None:
    bounced = {ticket.number for ticket in expected if ticket.bounced}
    assert concerned(stack, "bounced") == Counter(bounced)
    assert len(bounced) > 1_000


def test_slow_resolutions(stack: StackProcess, expected: list[Ticket]) -> None:
    slow = {ticket.number for ticket in expected if ticket.slow}
    assert concerned(stack, "slow_resolution") == Counter(slow)
    assert 1_000 < len(slow) < len(expected)


def test_reopened(stack: StackProcess, expected: list[Ticket]) -> None:
    reopened = Counter({ticket.number: ticket.reopenings for ticket in expected if ticket.reopenings})
    assert concerned(stack, "reopened") == reopened
    assert reopened.total() == 331


def concerned(stack: StackProcess, kind: str) -> Counter[str]:
    """How many frictions of a kind each ticket has."""
    found = stack.rows("SELECT evidence[1] FROM frictions WHERE kind = %(kind)s", {"kind": kind})
    return Counter(str(row[0]).partition("/")[0] for row in found)
