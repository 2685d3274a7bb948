"""The schema of a cluster: accepted by the engine, and the store keeps its contract over Distributed tables."""

import re
from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from pipeline.adapters.clickhouse.chunks import as_parameter
from pipeline.adapters.clickhouse.claims import require_claims
from pipeline.adapters.clickhouse.cluster import EVERYWHERE, SHARDED_BY, definitions, storage_table
from pipeline.adapters.clickhouse.consistency import read_what_was_written
from pipeline.adapters.clickhouse.loading import LOAD, QUERIES
from pipeline.adapters.clickhouse.migrate import MigrationError, MigrationSettings, migrate, schema
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.stitching.store import Store
from tests.contract.samples import CATALOGUE
from tests.contract.store import StoreContract
from tests.integration.deploy.conftest import without_keeper
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server

STATEMENTS = list(schema(MigrationSettings(cluster="elsewhere")))
VIEWS = sorted(set(re.findall(r"CREATE OR REPLACE VIEW touchline\.(\w+)", "\n".join(STATEMENTS))))
UNREACHABLE = 279  # ALL_CONNECTION_TRIES_FAILED: the query was planned, and sent to shards that are not there


class TestStoreOverDistributedTables(StoreContract):
    @pytest.fixture
    def store(self, engine: ClickHouseProcess) -> Iterator[ClickHouseStore]:
        client = engine.client("here")
        for table in [*SHARDED_BY, *EVERYWHERE]:
            client.command(f"TRUNCATE TABLE {storage_table(table)}")
        assert read_what_was_written(client) == 1
        # The only shard is this process, which has no port.
        client.set_client_setting("prefer_localhost_replica", 1)
        store = ClickHouseStore(client, CATALOGUE)
        yield store
        store.close()
        client.close()

    @pytest.mark.slow
    async def test_fifty_thousand_touchpoints(self, store: Store) -> None:
        await super().test_fifty_thousand_touchpoints(store)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: re.sub(r"\W+", "_", statement.strip())[:60])
def test_the_parser_takes_it_with_on_cluster(server: Client, statement: str) -> None:
    formatted = server.query("SELECT formatQuery({text:String})", parameters={"text": statement}).result_rows[0][0]
    assert " ON CLUSTER elsewhere" in formatted


def test_replicated_tables_are_made_with_their_place_in_keeper(server: Client) -> None:
    made = [text for text in STATEMENTS if "ENGINE = Replicated" in text]
    assert len(made) == len(SHARDED_BY) + len(EVERYWHERE)
    server.command("CREATE DATABASE replicated")
    for statement in made:
        server.command(re.sub(r" ON CLUSTER \w+", "", statement).replace("touchline.", "replicated."))
    rows = server.query("SELECT name, engine_full FROM system.tables WHERE database = 'replicated'").result_rows
    engines = {str(name): str(engine) for name, engine in rows}
    assert (
        "MergeTree('/clickhouse/tables/replicated/mailbox_rows_local/{shard}', '{replica}', "
        in engines["mailbox_rows_local"]
    )
    assert "MergeTree('/clickhouse/tables/replicated/claim_rows/all', '{shard}-{replica}')" in engines["claim_rows"]


def test_versions_of_a_row_share_a_shard(server: Client) -> None:
    rows = server.query("SELECT name, sorting_key FROM system.tables WHERE database = 'here' AND name LIKE '%_local'")
    sorted_by = {str(name).removesuffix("_local"): str(key).split(", ") for name, key in rows.result_rows}
    assert sorted_by.keys() == SHARDED_BY.keys()
    for table, columns in SHARDED_BY.items():
        assert set(columns.split(", ")) <= set(sorted_by[table]), table


def test_distributed_tables_have_the_columns_of_what_they_stand_for(server: Client) -> None:
    found = server.query("SELECT table, name, type FROM system.columns WHERE database = 'here'").result_rows
    columns: dict[str, set[tuple[str, str]]] = {}
    for table, name, kind in found:
        columns.setdefault(str(table), set()).add((str(name), str(kind)))
    for table in SHARDED_BY:
        assert columns[table] == columns[storage_table(table)], table


def test_a_server_that_joins_gets_what_the_others_have(server: Client) -> None:
    """Also after columns have come and gone: what it is given are the definitions of now."""
    server.command("CREATE DATABASE joined ENGINE = Atomic")
    for statement in definitions(server, "here", "elsewhere"):
        assert re.match(r"CREATE (TABLE|VIEW) IF NOT EXISTS here\.\w+ ON CLUSTER elsewhere\b", statement), statement
        server.command(re.sub(r"\bhere\.", "joined.", without_keeper(statement)))
    columns = "SELECT table, name, type FROM system.columns WHERE database = {of:String} ORDER BY ALL"
    there, joined = (server.query(columns, parameters={"of": name}).result_rows for name in ("here", "joined"))
    assert joined == there
    assert {str(row[0]) for row in joined} >= {*SHARDED_BY, *EVERYWHERE, *VIEWS}


@pytest.mark.parametrize("query", [*QUERIES, LOAD], ids=lambda query: "-".join(re.findall(r"FROM (\w+)", query)))
def test_loads_ask_only_the_shards_of_their_mailboxes(engine: ClickHouseProcess, query: str) -> None:
    client = engine.client("elsewhere")
    assert read_what_was_written(client) == 2
    asked = as_parameter(["customer_id:1", "email:a"])
    with pytest.raises(DatabaseError) as failure:
        client.query(query, parameters=asked, settings={"force_optimize_skip_unused_shards": 1})
    assert failure.value.code == UNREACHABLE, failure.value
    client.close()


@pytest.mark.parametrize("view", VIEWS)
def test_views_can_be_read_over_several_shards(engine: ClickHouseProcess, view: str) -> None:
    client = engine.client("elsewhere")
    with pytest.raises(DatabaseError) as failure:
        client.query(f"SELECT * FROM {view} LIMIT 1")
    assert failure.value.code == UNREACHABLE, failure.value
    client.close()


def test_a_worker_asks_for_every_copy_and_for_every_shard(engine: ClickHouseProcess) -> None:
    client = engine.client("elsewhere")
    read_what_was_written(client)
    rows = client.query("SELECT name, value FROM system.settings WHERE changed").result_rows
    changed = {str(name): str(value) for name, value in rows}
    assert changed["insert_quorum"] == "2"  # the replicas of a shard
    assert changed["distributed_foreground_insert"] == "1"
    assert changed["load_balancing"] == "in_order"
    assert changed["optimize_skip_unused_shards"] == "1"
    kept = client.query("SELECT getSetting('skip_unavailable_shards'), getSetting('insert_quorum_parallel')")
    assert kept.result_rows == [(False, True)]
    client.close()


def test_claims_need_no_other_server(engine: ClickHouseProcess) -> None:
    client = engine.client("elsewhere")
    read_what_was_written(client)
    require_claims(client, {0: 1 << 60})
    client.close()


def test_a_single_server_needs_no_settings(clickhouse: ClickHouseProcess) -> None:
    client = clickhouse.client()
    assert read_what_was_written(client) == 0
    assert client.get_client_setting("insert_quorum") is None
    client.close()


@pytest.mark.parametrize(
    ("cluster", "message"),
    [
        ("nowhere", "knows no cluster nowhere .*elsewhere"),
        ("doubling", "internal_replication"),
        ("uneven", r"different numbers of replicas \(2, 1\)"),
    ],
)
def test_a_cluster_must_be_configured(server: Client, cluster: str, message: str) -> None:
    with pytest.raises(MigrationError, match=message):
        migrate(server, MigrationSettings(cluster=cluster))


@pytest.mark.parametrize(
    ("database", "cluster", "message"),
    [
        ("here", "", "--cluster here`"),
        ("elsewhere", "here", "--cluster elsewhere`"),
        ("alone", "here", "without --cluster"),
    ],
)
def test_tables_that_are_laid_out_otherwise_stay_as_they_are(
    server: Client, database: str, cluster: str, message: str
) -> None:
    migrate(server, MigrationSettings(database="alone"))
    tables = "SELECT name, create_table_query FROM system.tables WHERE database = {of:String} ORDER BY name"
    before = server.query(tables, parameters={"of": database}).result_rows
    with pytest.raises(MigrationError, match=message):
        migrate(server, MigrationSettings(database=database, cluster=cluster))
    assert server.query(tables, parameters={"of": database}).result_rows == before


def test_a_server_must_know_its_place(clickhouse: ClickHouseProcess, server: Client) -> None:
    with pytest.raises(MigrationError, match="knows no cluster"):
        migrate(clickhouse.client(), MigrationSettings(cluster="here"))


def test_what_is_run_here_is_what_is_run_there() -> None:
    """The tests change the statements by no more than what needs Keeper."""
    changed = [(text, without_keeper(text)) for text in STATEMENTS]
    assert all(len(text) - len(run) >= len(" ON CLUSTER elsewhere") for text, run in changed)
    assert not any("Replicated" in run or "CLUSTER" in run for _, run in changed)
