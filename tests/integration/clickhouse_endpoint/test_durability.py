"""What was acknowledged stays, however the process ends."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from tests.integration.clickhouse_endpoint.raw import send
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = [pytest.mark.server, pytest.mark.slow]

ROWS = 500
KILLS = 4


def create(server: ClickHouseProcess, table: str) -> None:
    columns = "batch UInt32, number UInt32, text String"
    reply = send(server, f"CREATE TABLE IF NOT EXISTS {table} ({columns}) ENGINE = MergeTree ORDER BY (batch, number)")
    assert reply.status == 200, reply.text


class Writer(threading.Thread):
    """Inserts batch after batch until the server is gone; remembers what was acknowledged."""

    def __init__(self, server: ClickHouseProcess, first: int) -> None:
        super().__init__(daemon=True)
        self.client = server.client("durable")
        self.next = first
        self.acknowledged: list[int] = []

    def run(self) -> None:
        while True:
            rows = [[self.next, number, "x" * 50] for number in range(ROWS)]
            batch, self.next = self.next, self.next + 1
            try:
                self.client.insert("t", rows, column_names=["batch", "number", "text"])
            except (ClickHouseError, OSError):
                return
            self.acknowledged.append(batch)


def test_no_acknowledged_batch_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    acknowledged: set[int] = set()
    with ClickHouseProcess(tmp_path / "data") as server:
        send(server, "CREATE DATABASE durable ENGINE = Atomic")
        create(server, "durable.t")
        first = 0
        for kill in range(KILLS):
            writer = Writer(server, first)
            writer.start()
            while len(writer.acknowledged) < 3 + kill:
                time.sleep(0.01)
            time.sleep(kill * 0.017)
            assert server.kill() == -signal.SIGKILL
            writer.join(30)
            acknowledged.update(writer.acknowledged)
            first = writer.next
            server.start()
            stored = server.client("durable").query("SELECT batch, count() FROM t GROUP BY batch").result_rows
            assert acknowledged <= {batch for batch, _ in stored}
            assert {rows for _, rows in stored} == {ROWS}, "a batch is there as a whole or not at all"
            assert server.client("durable").command("CHECK TABLE t SETTINGS check_query_single_value_result = 1") == 1


def test_tables_of_the_database_default_stay_too(tmp_path: Path) -> None:
    with ClickHouseProcess(tmp_path / "data") as server:
        for life in range(1, 5):
            create(server, f"default.t{life}")
            send(server, f"INSERT INTO default.t{life} VALUES (1, 1, 'x')")
            if life == 3:
                send(server, "DROP TABLE default.t1")
            if life % 2:
                server.kill()
                server.start()
            else:
                server.restart()
            names = send(server, "SELECT name, total_rows FROM system.tables WHERE database = 'default'").text
            first = 2 if life >= 3 else 1
            assert sorted(names.split("\n")[:-1]) == [f"t{number}\t1" for number in range(first, life + 1)]


def test_a_data_directory_serves_one_process(tmp_path: Path) -> None:
    with ClickHouseProcess(tmp_path / "data") as server:
        command = [sys.executable, "-m", "pipeline.adapters.clickhouse.endpoint", "--data", str(server.data_dir)]
        second = subprocess.run([*command, "--port", "0"], capture_output=True, text=True, timeout=60)
        assert second.returncode == 1
        assert f"in use by another process (process id {server.process_id})" in second.stderr
        assert "Traceback" not in second.stderr
        assert second.stdout == ""
        assert send(server, "SELECT 1").text == "1\n"


def test_a_port_in_use_is_said_to_be(tmp_path: Path, clickhouse: ClickHouseProcess) -> None:
    command = [sys.executable, "-m", "pipeline.adapters.clickhouse.endpoint", "--data", str(tmp_path / "data")]
    second = subprocess.run([*command, "--port", str(clickhouse.port)], capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert "address already in use" in second.stderr
    assert "Traceback" not in second.stderr


def test_beyond_the_loopback_a_password_is_needed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline.adapters.clickhouse.endpoint", "--data", str(tmp_path / "data")]
    open_to_all = subprocess.run(
        [*command, "--host", "0.0.0.0", "--port", "0"], capture_output=True, text=True, timeout=60
    )
    assert open_to_all.returncode == 1
    assert "needs a password" in open_to_all.stderr


def test_a_stop_finishes_what_is_in_flight(tmp_path: Path) -> None:
    with ClickHouseProcess(tmp_path / "data") as server:
        replies: list[str] = []

        def ask() -> None:
            replies.append(send(server, "SELECT sleep(2), 'finished'").text)

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(0.7)
        assert server.stop() == 0
        asking.join(10)
        assert replies == ["0\tfinished\n"]


def test_a_stop_does_not_wait_for_ever(tmp_path: Path) -> None:
    with ClickHouseProcess(tmp_path / "data") as server:
        endless = "SELECT sum(number) FROM numbers(1000000000000)"
        asking = threading.Thread(target=lambda: _outcome(server, endless), daemon=True)
        asking.start()
        time.sleep(0.7)
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 20


def test_inserts_can_be_forced_to_the_disk(tmp_path: Path) -> None:
    with ClickHouseProcess(tmp_path / "data", "--fsync") as server:
        query = "SELECT value FROM system.merge_tree_settings WHERE name LIKE 'fsync%' ORDER BY name"
        assert send(server, query).text == "1\n1\n"


def _outcome(server: ClickHouseProcess, statement: str) -> str:
    try:
        return send(server, statement).text
    except OSError as error:
        return str(error)
