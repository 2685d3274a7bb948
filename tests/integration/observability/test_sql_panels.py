"""Every SQL panel runs as the read-only analyst, and returns what its kind of panel needs."""

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from grafana.preview.resolving import sql as resolve
from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.clickhouse.dead_letters import ClickHouseDeadLetters
from pipeline.adapters.clickhouse.migrate import MigrationSettings, migrate
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from tests.integration.observability.retailer import stitch, take_in
from tests.servers.clickhouse import ClickHouseProcess
from tests.unit.observability.dashboards import RUNBOOK, PanelQuery, queries

pytestmark = pytest.mark.server

DATABASE = "panels"
PANELS = list(queries("clickhouse"))
RUNBOOK_QUERIES = re.findall(r"`(SELECT [^`]+)`", RUNBOOK.read_text())
CHOSEN = {"owner": ["digital", "logistics"], "touchpoint": ["website", "doorstep"], "channel": ["web", "courier"]}


@pytest.fixture(scope="module")
def filled(clickhouse: ClickHouseProcess) -> Iterator[Client]:
    """The analyst's client of a database with a day of a retailer."""
    owner = clickhouse.client()
    migrate(owner, MigrationSettings(database=DATABASE))
    owner.close()
    now = time.time_ns() // 1_000_000
    catalogue = Catalogue.load(schema_directories())
    accepted, rejected = take_in(catalogue, now)
    client = clickhouse.client(DATABASE)
    store = ClickHouseStore(client, catalogue.touchpoints)
    asyncio.run(stitch(store, accepted, now))
    asyncio.run(ClickHouseDeadLetters(client).save(rejected))
    store.close()
    client.close()
    analyst = connect(clickhouse.analyst_url, database=DATABASE)
    yield analyst
    analyst.close()


def answer(client: Client, sql: str) -> tuple[list[str], list[str], Sequence[Sequence[Any]]]:
    result = client.query(sql)
    return list(result.column_names), [kind.name for kind in result.column_types], result.result_rows


@pytest.mark.parametrize("query", PANELS, ids=lambda query: query.name)
def test_a_panel_gets_the_columns_and_rows_that_it_needs(filled: Client, query: PanelQuery) -> None:
    now = int(time.time())
    names, types, rows = answer(filled, resolve(query.text, now - 30 * 86_400, now + 60, {}))
    assert rows, "no rows"
    assert len(set(names)) == len(names)
    if query.panel["type"] == "barchart":
        assert types[0] in ("String", "LowCardinality(String)")
        assert all(kind.startswith(("UInt", "Int", "Float")) for kind in types[1:])
        assert len(types) == 2
    if query.panel["type"] == "timeseries":
        assert types[0].startswith("DateTime")
        assert all(kind.startswith(("UInt", "Int", "Float")) for kind in types[1:])
    overridden = {override["matcher"]["options"] for override in query.panel["fieldConfig"].get("overrides", [])}
    assert overridden <= set(names)


@pytest.mark.parametrize("query", PANELS, ids=lambda query: query.name)
def test_a_panel_runs_with_chosen_values_and_an_empty_time_range(filled: Client, query: PanelQuery) -> None:
    now = int(time.time())
    answer(filled, resolve(query.text, now - 30 * 86_400, now, CHOSEN))
    answer(filled, resolve(query.text, 1, 2, CHOSEN, journey="none"))


def test_the_drill_down_shows_the_chosen_journey_in_its_order(filled: Client) -> None:
    (query,) = [one for one in PANELS if one.panel["title"] == "One journey, step by step"]
    chosen = """SELECT journey_id, step_type FROM journeys WHERE friction_score > 0 AND events < 100
    ORDER BY events - length(arrayDistinct(step_time)) DESC LIMIT 1"""
    ((journey, taken),) = filled.query(chosen).result_rows
    names, _, rows = answer(filled, resolve(query.text, 1, 2, {}, journey=journey))
    assert [row[names.index("type")] for row in rows] == taken
    assert any(row[names.index("friction")] for row in rows)


@pytest.mark.parametrize("sql", [sql for sql in RUNBOOK_QUERIES if "system." not in sql])
def test_the_queries_of_the_runbook_run(filled: Client, sql: str) -> None:
    filled.query(sql)
