"""What a release wrote into its store, and what its views showed: kept to check that later releases read the same.

To make one, run a release, send it events, settle, and run `python -m tests.data.releases.snapshot URL DIRECTORY`.
"""

import gzip
import sys
from pathlib import Path

import orjson
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.client import connect

HISTORY = "schema_migrations"
TABLE = ".native.gz"
VIEW = ".jsonl.gz"
_TABLES = """
SELECT name, engine = 'View' FROM system.tables
WHERE database = currentDatabase() AND (engine = 'View' OR endsWith(name, '_rows') OR name = {history:String})
ORDER BY name
"""

Rows = list[dict[str, object]]


def write(client: Client, directory: Path) -> None:
    """Write every table as `NAME.native.gz` and every view as `NAME.jsonl.gz`."""
    directory.mkdir(parents=True)
    for name, is_view in client.query(_TABLES, parameters={"history": HISTORY}).result_rows:
        query = _ordered(name, "*") if is_view else f"SELECT * FROM {name} FORMAT Native"
        file = directory / (name + (VIEW if is_view else TABLE))
        file.write_bytes(gzip.compress(client.raw_query(query), mtime=0))


def tables(directory: Path) -> list[str]:
    """The tables of a snapshot."""
    return sorted(path.name.removesuffix(TABLE) for path in directory.glob(f"*{TABLE}"))


def restore(client: Client, table: str, directory: Path) -> None:
    """Insert a table's rows into the client's database."""
    block = gzip.decompress((directory / (table + TABLE)).read_bytes())
    if block:
        client.raw_insert(table, insert_block=block, fmt="Native")


def views(directory: Path) -> dict[str, Rows]:
    """The rows of each view at the time of the snapshot."""
    files = sorted(directory.glob(f"*{VIEW}"))
    return {path.name.removesuffix(VIEW): _rows(gzip.decompress(path.read_bytes())) for path in files}


def read_view(client: Client, view: str, columns: list[str]) -> Rows:
    """The rows of a view now, in the columns that it had then."""
    return _rows(client.raw_query(_ordered(view, ", ".join(f"`{column}`" for column in columns))))


def _ordered(view: str, columns: str) -> str:
    return f"SELECT {columns} FROM {view} ORDER BY ALL FORMAT JSONEachRow"


def _rows(lines: bytes) -> Rows:
    return [orjson.loads(line) for line in lines.splitlines()]


if __name__ == "__main__":
    with connect(sys.argv[1]) as connected:
        write(connected, Path(sys.argv[2]))
