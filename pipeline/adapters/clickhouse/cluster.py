"""The schema on a cluster: a Replicated table on every shard, and a Distributed one over them under the plain name."""

import re
from collections.abc import Mapping
from typing import Final

from clickhouse_connect.driver.client import Client

LOCAL: Final = "_local"
"""Suffix of the name of a shard's own table."""

SHARDED_BY: Final[Mapping[str, str]] = {
    "touchpoint_rows": "customer",
    "journey_rows": "customer",
    "friction_rows": "customer",
    "wake_rows": "customer",
    "mailbox_rows": "identifier",
    "counted_rows": "name",
    "dead_letter_rows": "topic, partition, offset",
    "replay_rows": "topic, partition, offset",
}
"""The sharding key of each table.

Its columns are part of the sorting key, so all versions of a row are on one shard, where FINAL is correct. A mailbox
and what it holds share a shard, as a customer is the identifier of a mailbox.
"""

EVERYWHERE: Final = frozenset({"claim_rows", "schema_migrations"})
"""Small tables replicated in full to every server, so that all workers see one order of their inserts."""

_TABLE: Final = re.compile(r"^(?:CREATE TABLE IF NOT EXISTS|ALTER TABLE) \$\{database\}\.(\w+)", re.MULTILINE)
_VIEW: Final = re.compile(r"^CREATE OR REPLACE VIEW \$\{database\}\.", re.MULTILINE)
_ENGINE: Final = re.compile(r"^ENGINE = \$\{replicated\}(\w+)(?:\((.*)\))?$", re.MULTILINE)
_COLUMNS: Final = re.compile(r"^CREATE TABLE|\b(?:ADD|DROP|MODIFY|RENAME) COLUMN\b", re.MULTILINE)
_DISTRIBUTED_OVER: Final = re.compile(r"Distributed\('(\w+)'")
_REPLICAS: Final = """
SELECT count() FROM system.clusters WHERE cluster = {cluster:String} GROUP BY shard_num ORDER BY shard_num
"""
_ENGINES: Final = "SELECT name, engine_full FROM system.tables WHERE database = {database:String}"
_DEFINITIONS: Final = """
SELECT create_table_query FROM system.tables WHERE database = {database:String}
ORDER BY engine = 'View', engine = 'Distributed', name
"""
_DISTRIBUTED: Final = (
    "CREATE OR REPLACE TABLE ${{database}}.{table} ${{on_cluster}} AS ${{database}}.{table}{local}\n"
    "ENGINE = Distributed('${{cluster}}', '${{database}}', '{table}{local}', cityHash64({key}))"
)


class ClusterError(Exception):
    """The server's configuration, or its tables, do not fit the cluster; says what to do."""


def storage_table(table: str) -> str:
    """The table that stores the rows of `table` on the servers of a cluster."""
    return table if table in EVERYWHERE else table + LOCAL


def clustered(statement: str) -> list[str]:
    """Translate a migration's statement for a cluster; its placeholders stay.

    A Distributed table stores no rows, so it is created anew whenever its columns change.

    Raises:
        ValueError: The statement is of an unknown kind, or about a table without a known sharding key.
    """
    found = _TABLE.search(statement)
    if found is None:
        if _VIEW.search(statement):
            return [statement]
        raise ValueError(
            "a migration's statement cannot be written for a cluster; write CREATE TABLE IF NOT EXISTS, ALTER TABLE or "
            f"CREATE OR REPLACE VIEW, with `${{database}}.` before the name: {statement[:100]}"
        )
    table = found[1]
    if table in EVERYWHERE:
        return [_replicated(statement, "all", "{shard}-{replica}")]
    if table not in SHARDED_BY:
        raise ValueError(f"the table {table} has no sharding key")
    local = f"{statement[: found.end(1)]}{LOCAL}{statement[found.end(1) :]}"
    made = [_replicated(local, "{shard}", "{replica}")]
    if _COLUMNS.search(statement):
        made.append(_DISTRIBUTED.format(table=table, local=LOCAL, key=SHARDED_BY[table]))
    return made


def require_cluster(client: Client, cluster: str) -> None:
    """Require that the server knows the cluster, and its own place in it.

    Raises:
        ClusterError: It does not, or the cluster is configured so that rows would be stored more than once, or so that
            an insert could not wait for every replica.
    """
    rows = client.query("SELECT cluster, min(internal_replication) FROM system.clusters GROUP BY cluster").result_rows
    known = {str(name): bool(internal) for name, internal in rows}
    if cluster not in known:
        listed = ", ".join(sorted(known)) or "none"
        raise ClusterError(f"the server knows no cluster {cluster} (it knows {listed}): see `remote_servers`")
    if not known[cluster]:
        raise ClusterError(f"`internal_replication` must be true for every shard of the cluster {cluster}")
    replicas_of_a_shard(client, cluster)
    macros = {str(row[0]) for row in client.query("SELECT macro FROM system.macros").result_rows}
    if missing := sorted({"shard", "replica"} - macros):
        raise ClusterError(f"the server's configuration lacks the macros {', '.join(missing)}")


def replicas_of_a_shard(client: Client, cluster: str) -> int:
    """How many replicas each shard of the cluster has; 0 if the server does not know the cluster.

    Raises:
        ClusterError: Some shards have more than others.
    """
    counts = [int(row[0]) for row in client.query(_REPLICAS, parameters={"cluster": cluster}).result_rows]
    if len(set(counts)) > 1:
        raise ClusterError(
            f"the shards of the cluster {cluster} have different numbers of replicas ({', '.join(map(str, counts))}), "
            "but an insert waits for the same number on each: list equally many in `remote_servers`, on every server"
        )
    return counts[0] if counts else 0


def require_layout(client: Client, database: str, cluster: str) -> None:
    """Require that existing tables are laid out for this cluster, or for one server if `cluster` is empty.

    Migrations for the other layout would alter tables that store no rows, or those of only one server of several.

    Raises:
        ClusterError: They are not.
    """
    engines = client.query(_ENGINES, parameters={"database": database}).result_rows
    if conflict := layout_conflict({str(name): str(engine) for name, engine in engines}, database, cluster):
        raise ClusterError(conflict)


def layout_conflict(engines: Mapping[str, str], database: str, cluster: str) -> str:
    """Why migrations for a cluster (empty: one server) must not run over these tables; empty if they may.

    Args:
        engines: Engine of each table with its arguments, as ClickHouse reports it.
        database: Where the tables are.
        cluster: What the migrations are for.
    """
    over = {
        table: found[1]
        for table in SHARDED_BY
        if (found := _DISTRIBUTED_OVER.match(engines.get(table, ""))) is not None
    }
    others = sorted({*over.values()} - {cluster})
    if others or (not cluster and any(storage_table(table) in engines for table in SHARDED_BY)):
        own = others[0] if others else "NAME"
        return f"the tables of {database} are laid out for a cluster: run `touchline migrate --cluster {own}`"
    if cluster and any(table in engines and table not in over for table in SHARDED_BY):
        return (
            f"the tables of {database} are those of one server: run `touchline migrate` without --cluster. "
            "To move to a cluster, let the address name a database that is not there yet, migrate that one, "
            "and copy the tables with INSERT INTO … SELECT while no worker runs"
        )
    return ""


def definitions(client: Client, database: str, cluster: str) -> list[str]:
    """The statements that give all servers of the cluster the tables and views of the one connected to.

    They are its current definitions: a replica can only join a table with the columns that its shard has.
    """
    rows = client.query(_DEFINITIONS, parameters={"database": database}).result_rows
    create = re.compile(rf"^CREATE (TABLE|VIEW) ({database}\.\w+)")
    return [create.sub(rf"CREATE \1 IF NOT EXISTS \2 ON CLUSTER {cluster}", str(row[0])) for row in rows]


def _replicated(statement: str, shard: str, replica: str) -> str:
    """Write out the table's path in Keeper, so that a server that joins later finds it."""

    def engine(found: re.Match[str]) -> str:
        arguments = [f"'/clickhouse/tables/{{database}}/{{table}}/{shard}'", f"'{replica}'"]
        return f"ENGINE = Replicated{found[1]}({', '.join([*arguments, *filter(None, [found[2]])])})"

    return _ENGINE.sub(engine, statement)
