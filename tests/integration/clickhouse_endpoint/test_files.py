"""The user who may do everything does not get at the server's files by INTO OUTFILE and FROM INFILE."""

from pathlib import Path

import pytest

from pipeline.adapters.clickhouse.endpoint.errors import Code
from tests.integration.clickhouse_endpoint.raw import send
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server(clickhouse: ClickHouseProcess) -> ClickHouseProcess:
    assert send(clickhouse, "CREATE DATABASE endpoint_files ENGINE = Atomic").status == 200
    return clickhouse


@pytest.mark.parametrize("settings", [{}, {"limit": "1", "offset": "1"}], ids=["plain", "cut"])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT $$'$$ INTO OUTFILE '{file}'",
        "SELECT $a$'$a$ INTO OUTFILE $b${file}$b$",
        "SELECT \u2018'\u2019 INTO OUTFILE '{file}'",
        "DESCRIBE (SELECT $$'$$) INTO OUTFILE '{file}'",
    ],
)
def test_no_way_of_quoting_hides_a_file_to_write(
    server: ClickHouseProcess, tmp_path: Path, statement: str, settings: dict[str, str]
) -> None:
    file = tmp_path / "written"
    assert send(server, statement.format(file=file), fields=settings).code == Code.NOT_IMPLEMENTED
    assert not file.exists()


@pytest.mark.parametrize("data", ["FORMAT Native\n", "FORMAT Native\nx", "FORMAT CSV\n1", "VALUES (1)"])
def test_no_way_of_quoting_hides_a_file_to_read(server: ClickHouseProcess, data: str) -> None:
    quoted = "SETTINGS log_comment = $$')$$"
    hidden = f"INSERT INTO FUNCTION null('a UInt64', $$'$$) FROM INFILE $$/etc/hostname$$ {quoted} {data}"
    assert send(server, hidden).code == Code.NOT_IMPLEMENTED


def test_the_words_may_be_names(server: ClickHouseProcess) -> None:
    assert send(server, "SELECT 'INTO OUTFILE' AS outfile, 1 AS infile").text == "INTO OUTFILE\t1\n"
    assert send(server, "CREATE TABLE endpoint_files.named (infile UInt8) ENGINE = Memory").status == 200
    insert = "INSERT INTO endpoint_files.named (infile) /* infile */"
    for data in (" VALUES (1)", " FORMAT TSV\n2\n"):
        assert send(server, insert + data).status == 200
    assert send(server, "(3)", query=insert).status == 200
    assert send(server, "SELECT sum(infile) FROM endpoint_files.named").text == "6\n"
