"""The events of the ServiceNow mapping against the log, read in another way."""

from collections import Counter
from datetime import datetime
from itertools import groupby, pairwise

import pytest

from pipeline.importing.row import Json
from tests.data.exports import body, directory, identifiers, mapped, rows
from tests.offline import accept, stitch

pytestmark = pytest.mark.data

NOW = 1_772_323_200_000
Events = list[dict[str, Json]]
Log = list[list[dict[str, str]]]
COLUMNS = (
    "number", "incident_state", "reassignment_count", "reopen_count", "caller_id", "opened_at", "sys_updated_at",
    "contact_type", "priority", "assignment_group",
)  # fmt: skip
Fact = tuple[str, str, str]
"""Type without its family, ticket, time."""


@pytest.fixture(scope="module")
def log() -> Log:
    file = directory("servicenow") / "incident_event_log.csv.gz"
    slim = ({name: row[name] for name in COLUMNS} for row in rows(file))
    return [list(audit) for _, audit in groupby(slim, key=lambda row: row["number"])]


@pytest.fixture(scope="module")
def events(log: Log) -> Events:
    return mapped("servicenow", [directory("servicenow")])


def utc(text: str) -> str:
    date, clock = text.split(" ")
    day, month, year = map(int, date.split("/"))
    hour, minute = map(int, clock.split(":"))
    return f"{datetime(year, month, day, hour, minute).isoformat()}.000Z"


def facts(audit: list[dict[str, str]]) -> list[Fact]:
    first = audit[0]
    number = first["number"]
    found = [("ticket_opened", number, utc(first["opened_at"]))]
    if first["incident_state"] != "New":
        found.append(("ticket_replied", number, utc(first["sys_updated_at"])))
    if first["incident_state"] == "Resolved":
        found.append(("ticket_resolved", number, utc(first["sys_updated_at"])))
    for before, now in pairwise(audit):
        moved = before["incident_state"] != now["incident_state"]
        happened = {
            "ticket_replied": moved
            and (before["incident_state"] == "New" or now["incident_state"] == "Awaiting User Info"),
            "ticket_transferred": int(now["reassignment_count"]) > int(before["reassignment_count"]),
            "ticket_escalated": int(now["priority"]) < int(before["priority"]),
            "ticket_reopened": int(now["reopen_count"]) > int(before["reopen_count"]),
            "ticket_resolved": moved and now["incident_state"] == "Resolved",
            "ticket_closed": moved and now["incident_state"] == "Closed",
        }
        found += [(name, number, utc(now["sys_updated_at"])) for name, did in happened.items() if did]
    return found


def test_every_change_is_an_event(events: Events, log: Log) -> None:
    expected = Counter(fact for audit in log for fact in facts(audit))
    found = Counter(
        (str(event["type"]).removeprefix("support."), str(identifiers(event)["ticket_id"]), str(event["time"]))
        for event in events
    )
    assert found == expected
    assert Counter(name for name, _, _ in found.elements()) == {
        "ticket_opened": 24_918,
        "ticket_replied": 28_633,
        "ticket_transferred": 23_414,
        "ticket_escalated": 313,
        "ticket_reopened": 331,
        "ticket_resolved": 25_236,
        "ticket_closed": 24_930,
    }


def test_ids_are_distinct(events: Events) -> None:
    assert len({event["id"] for event in events}) == len(events)


def test_callers_and_channels(events: Events, log: Log) -> None:
    channels = {"Phone": "phone", "IVR": "phone", "Email": "email", "Self service": "web", "Direct opening": None}
    opened = {
        str(identifiers(event)["ticket_id"]): event for event in events if event["type"] == "support.ticket_opened"
    }
    for audit in log:
        event, first = opened[audit[0]["number"]], audit[0]
        assert identifiers(event).get("customer_id", "?") == first["caller_id"]
        assert body(event).get("channel") == channels[first["contact_type"]]


def test_only_the_opening_knows_the_caller(events: Events) -> None:
    assert all(set(identifiers(event)) == {"ticket_id"} for event in events if event["type"] != "support.ticket_opened")


def test_transfers_name_both_groups(events: Events, log: Log) -> None:
    first = next(event for event in events if event["type"] == "support.ticket_transferred")
    assert (identifiers(first)["ticket_id"], body(first)["from"], body(first)["to"]) == ("0000047", "70", "24")
    expected = Counter(
        (now["number"], before["assignment_group"], now["assignment_group"])
        for audit in log
        for before, now in pairwise(audit)
        if before["reassignment_count"] != now["reassignment_count"]
    )
    assert expected == Counter(
        (identifiers(event)["ticket_id"], body(event).get("from", "?"), body(event).get("to", "?"))
        for event in events
        if event["type"] == "support.ticket_transferred"
    )


def test_tickets_find_their_callers(events: Events, log: Log) -> None:
    caller_of = {audit[0]["number"]: audit[0]["caller_id"] for audit in log[:3_000]}
    chosen = [event for event in events if identifiers(event)["ticket_id"] in caller_of]
    for customer, found in stitch(accept(chosen, NOW)).items():
        tickets = {identifier.partition(":")[2] for event in found for identifier in event.identifiers[-1:]}
        assert {_customer(caller_of[ticket], ticket) for ticket in tickets} == {customer}


def _customer(caller: str, ticket: str) -> str:
    return f"ticket_id:{ticket}" if caller == "?" else f"customer_id:{caller}"
