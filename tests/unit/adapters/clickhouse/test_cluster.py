"""The schema as it is written for a cluster."""

import re
from typing import Final

import pytest

from pipeline.adapters.clickhouse.cluster import EVERYWHERE, SHARDED_BY, clustered, layout_conflict
from pipeline.adapters.clickhouse.migrate import MigrationSettings, known_migrations, schema
from pipeline.settings.model import Retention

CREATE = """-- What it is for.
CREATE TABLE IF NOT EXISTS ${database}.mailbox_rows ${on_cluster}
(
    identifier String
)
ENGINE = ${replicated}ReplacingMergeTree(row_version, is_deleted)
ORDER BY identifier"""


def test_a_table_becomes_one_on_each_shard_and_one_over_them() -> None:
    local, distributed = clustered(CREATE)
    assert local == CREATE.replace("mailbox_rows", "mailbox_rows_local").replace(
        "${replicated}ReplacingMergeTree(",
        "ReplicatedReplacingMergeTree('/clickhouse/tables/{database}/{table}/{shard}', '{replica}', ",
    )
    assert distributed == (
        "CREATE OR REPLACE TABLE ${database}.mailbox_rows ${on_cluster} AS ${database}.mailbox_rows_local\n"
        "ENGINE = Distributed('${cluster}', '${database}', 'mailbox_rows_local', cityHash64(identifier))"
    )


def test_claims_have_one_place_in_keeper_for_all_shards() -> None:
    statement = CREATE.replace("mailbox_rows", "claim_rows").replace("(row_version, is_deleted)", "")
    (only,) = clustered(statement)
    assert (
        "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{database}/{table}/all', '{shard}-{replica}')\n"
        in only
    )
    assert "claim_rows ${on_cluster}" in only


@pytest.mark.parametrize(
    ("change", "statements"),
    [
        ("ADD COLUMN IF NOT EXISTS a UInt8", 2),
        ("RENAME COLUMN a TO b", 2),
        ("MODIFY SETTING index_granularity = 64", 1),
        ("MATERIALIZE PROJECTION p", 1),
    ],
)
def test_a_change_of_columns_makes_the_distributed_table_anew(change: str, statements: int) -> None:
    made = clustered(f"ALTER TABLE ${{database}}.wake_rows ${{on_cluster}} {change}")
    assert made[0] == f"ALTER TABLE ${{database}}.wake_rows_local ${{on_cluster}} {change}"
    assert [part[:23] for part in made[1:]] == ["CREATE OR REPLACE TABLE"] * (statements - 1)


def test_views_stay_as_they_are() -> None:
    statement = "-- Why.\nCREATE OR REPLACE VIEW ${database}.touchpoints ${on_cluster} AS SELECT 1"
    assert clustered(statement) == [statement]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("CREATE TABLE IF NOT EXISTS ${database}.orphans ${on_cluster} (a UInt8)", "orphans has no sharding key"),
        ("RENAME TABLE a TO b", "write CREATE TABLE IF NOT EXISTS"),
        ("CREATE MATERIALIZED VIEW ${database}.a TO b AS SELECT 1", "write CREATE TABLE IF NOT EXISTS"),
    ],
)
def test_what_is_not_understood_is_refused(statement: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        clustered(statement)


def test_every_migration_can_be_written_for_a_cluster() -> None:
    statements = list(schema(MigrationSettings(database="shop", cluster="east", retention=Retention(journeys_days=9))))
    for statement in statements:
        assert statement.count("ON CLUSTER east") == 1, statement
        assert "${" not in statement
        assert not re.search(r"ENGINE = \w*MergeTree", statement) or "ENGINE = Replicated" in statement, statement
    written = "\n".join(statements)
    assert "ALTER TABLE shop.journey_rows_local ON CLUSTER east MODIFY TTL toDateTime(" in written
    assert not re.search(r"ALTER TABLE shop\.\w+_rows ", written.replace("claim_rows", ""))


def test_every_table_has_its_place() -> None:
    created = {
        name
        for migration in known_migrations()
        for name in re.findall(r"CREATE TABLE IF NOT EXISTS \$\{database\}\.(\w+)", migration.text)
    }
    assert created | {"schema_migrations"} == SHARDED_BY.keys() | EVERYWHERE


def test_one_server_gets_the_migrations_as_they_stand() -> None:
    settings = MigrationSettings(retention=Retention(dead_letters_days=0))
    plain = [settings.render(part) for migration in known_migrations() for part in migration.statements]
    assert list(schema(settings))[2:] == plain
    assert not any(re.search("ENGINE = (Replicated|Distributed)", statement) for statement in plain)


OVER_EAST: Final = "Distributed('east', 'touchline', 'wake_rows_local', cityHash64(customer))"
REPLICATED: Final = "ReplicatedReplacingMergeTree('/clickhouse/tables/touchline/wake_rows_local/{shard}', '{replica}')"
ON_EAST: Final = {"wake_rows": OVER_EAST, "wake_rows_local": REPLICATED, "claim_rows": REPLICATED, "wakes": ""}
ON_ONE: Final = {"wake_rows": "ReplacingMergeTree(row_version, is_deleted) ORDER BY customer", "wakes": ""}


@pytest.mark.parametrize(
    ("engines", "cluster", "conflict"),
    [
        ({}, "", ""),
        ({}, "east", ""),
        (ON_ONE, "", ""),
        (ON_EAST, "east", ""),
        ({"schema_migrations": REPLICATED, "wake_rows_local": REPLICATED}, "east", ""),  # was cut off
        (ON_EAST, "", "`touchline migrate --cluster east`"),
        (ON_EAST, "west", "`touchline migrate --cluster east`"),
        ({"wake_rows_local": REPLICATED}, "", "`touchline migrate --cluster NAME`"),
        (ON_ONE, "east", "`touchline migrate` without --cluster"),
        ({"mine": "Distributed('else', 'touchline', 'their_own')", **ON_ONE}, "", ""),
    ],
)
def test_tables_are_migrated_only_as_they_are_laid_out(engines: dict[str, str], cluster: str, conflict: str) -> None:
    found = layout_conflict(engines, "touchline", cluster)
    assert conflict in found
    assert bool(found) == bool(conflict)
