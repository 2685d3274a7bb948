"""What the demo shows of its findings, of a day that is stored."""

import asyncio
import io
import re
import time

import pytest
from rich.console import Console

from pipeline.adapters.clickhouse.migrate import MigrationSettings, migrate
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.cli.demo_report import show_findings
from tests.integration.observability.retailer import simulated, stitch, take_in
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server

DATABASE = "demo_report"


def test_mystery_shoppers_are_not_among_the_customers(clickhouse: ClickHouseProcess) -> None:
    owner = clickhouse.client()
    migrate(owner, MigrationSettings(database=DATABASE))
    owner.close()
    now = time.time_ns() // 1_000_000
    day = simulated(now)
    catalogue = Catalogue.load(schema_directories())
    accepted, _ = take_in(catalogue, now)
    client = clickhouse.client(DATABASE)
    asyncio.run(stitch(ClickHouseStore(client, catalogue.touchpoints), accepted, now))
    shown = io.StringIO()
    truth = {(str(one.event["source"]), str(one.event["id"])): one.person for one in day}
    show_findings(client, truth, Console(file=shown, width=200))
    client.close()
    customers = {event.id for event in accepted if not event.probe}
    totals, outcomes = [
        numbers(line) for line in shown.getvalue().splitlines() if "touchpoints of" in line or "outcomes" in line
    ]
    assert totals == [len(customers), len({one.person for one in day if one.event["id"] in customers}), sum(outcomes)]


def numbers(line: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", line)]
