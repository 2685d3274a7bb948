"""Many clients, large answers, and clients that go away."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from pipeline.adapters.stack.child import resident_bytes
from tests.integration.clickhouse_endpoint.raw import send
from tests.servers.clickhouse import ClickHouseProcess
from tests.waiting import eventually

pytestmark = pytest.mark.server

CLIENTS = 20
MEGABYTE = 1 << 20
RUNNING = "SELECT count() FROM system.processes WHERE query NOT LIKE '%system.processes%'"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseProcess]:
    with ClickHouseProcess(tmp_path_factory.mktemp("load") / "data") as process:
        send(
            process,
            "CREATE TABLE default.t (client UInt32, number UInt32) ENGINE = MergeTree ORDER BY (client, number)",
        )
        yield process


def begin(server: ClickHouseProcess, statement: str) -> socket.socket:
    """Send a request and leave the answer unread."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    body = statement.encode()
    head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


def test_many_clients_write_and_read_at_once(server: ClickHouseProcess) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            client = server.client()
            for batch in range(5):
                rows = [[number, batch * 100 + row] for row in range(100)]
                client.insert("t", rows, column_names=["client", "number"])
                query = "SELECT count(), uniqExact(number) FROM t WHERE client = {client:UInt32}"
                assert client.query(query, parameters={"client": number}).first_row == ((batch + 1) * 100,) * 2
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (
        send(server, "SELECT count(), uniqExact(client, number) FROM t").text == f"{CLIENTS * 500}\t{CLIENTS * 500}\n"
    )


def test_a_slow_query_does_not_hold_up_the_others(server: ClickHouseProcess) -> None:
    slow = [begin(server, "SELECT sleep(3)") for _ in range(5)]
    started = time.monotonic()
    assert send(server, path="/ping").text == "Ok.\n"
    assert send(server, "SELECT 1").text == "1\n"
    assert time.monotonic() - started < 2.5
    for connection in slow:
        connection.close()


@pytest.mark.parametrize("table_format", ["Native", "TSV"])
def test_a_large_answer_is_not_kept_in_memory(server: ClickHouseProcess, table_format: str) -> None:
    send(server, "SELECT number, toString(number) FROM numbers(1000000) FORMAT Null")
    before = resident_bytes(server.process_id)
    connection = begin(server, f"SELECT number, toString(number) FROM numbers(15000000) FORMAT {table_format}")
    received = peak = 0
    while piece := connection.recv(MEGABYTE):
        if received // (16 * MEGABYTE) != (received + len(piece)) // (16 * MEGABYTE):
            peak = max(peak, resident_bytes(server.process_id))
        received += len(piece)
    connection.close()
    assert received > 200 * MEGABYTE
    assert max(peak, resident_bytes(server.process_id)) - before < 100 * MEGABYTE


def test_a_client_that_does_not_read_stops_its_query(server: ClickHouseProcess) -> None:
    before = resident_bytes(server.process_id)
    connection = begin(server, "SELECT number, toString(number) FROM numbers(1000000000) FORMAT Native")
    time.sleep(2)
    assert resident_bytes(server.process_id) - before < 100 * MEGABYTE
    connection.close()
    assert eventually(lambda: send(server, RUNNING).text == "0\n")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT sum(number) FROM numbers(1000000000000)",
        "SELECT number FROM numbers(1000000000000)",
        "SELECT sum(number) AS s FROM numbers(1000000000000) FORMAT JSON",
    ],
)
def test_a_query_ends_when_its_client_goes_away(server: ClickHouseProcess, statement: str) -> None:
    connection = begin(server, statement)
    time.sleep(0.5)
    connection.close()
    assert eventually(lambda: send(server, RUNNING).text == "0\n")


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_an_insert_whose_client_goes_away_inserts_nothing(server: ClickHouseProcess, framing: str) -> None:
    query = "INSERT+INTO+default.t+FORMAT+TSV"
    head = f"POST /?query={query} HTTP/1.1\r\nHost: 127.0.0.1\r\n{framing}\r\n\r\n"
    body = "11\r\n999\t1\n999\t2\n999\t3\r\n" if "chunked" in framing else "999\t1\n999\t2\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall((head + body).encode())
        time.sleep(0.3)
    assert eventually(lambda: send(server, RUNNING).text == "0\n")
    assert send(server, "SELECT count() FROM default.t WHERE client = 999").text == "0\n"
    assert send(server, "SELECT 1").text == "1\n"


def test_a_damaged_request_is_refused(server: ClickHouseProcess) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk\r\n")
        reply = connection.recv(4096)
    assert reply.split()[1] == b"400"
    assert b"Traceback" not in reply
    assert send(server, "SELECT 1").text == "1\n"


def test_nothing_of_this_left_a_stack_trace(server: ClickHouseProcess) -> None:
    log = server.log.read_text()
    assert "Traceback" not in log
    assert "never retrieved" not in log
