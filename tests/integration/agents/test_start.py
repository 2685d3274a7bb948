"""A worker that cannot start says why in one line."""

import os
import subprocess
import sys

from tests.servers.clickhouse import ClickHouseProcess


def test_a_database_that_is_not_migrated(clickhouse: ClickHouseProcess) -> None:
    client = clickhouse.client()
    client.command("CREATE DATABASE IF NOT EXISTS not_migrated")
    client.close()
    settings = {
        "TOUCHLINE_CLICKHOUSE": f"{clickhouse.url}/not_migrated",
        "TOUCHLINE_BROKER": "127.0.0.1:1",
        "TOUCHLINE_SECRET": "of a worker that does not start at all",
    }
    worker = [sys.executable, "-m", "agents", "worker"]
    ended = subprocess.run(worker, env=os.environ | settings, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "the worker cannot start; is the database migrated (`touchline migrate`)?" in line
