"""What the read-only user can do, and what it cannot, however it tries."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.clickhouse.endpoint.errors import Code
from tests.integration.clickhouse_endpoint.raw import Reply, send
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server

SECRET = "the content of a file"
STATEMENTS_THAT_WRITE = """
INSERT INTO endpoint_reading.t VALUES (1)
INSERT INTO endpoint_reading.t SELECT 1
INSERT INTO FUNCTION file('{out}', 'TSV', 'a UInt8') SELECT 1
INSERT INTO endpoint_reading.t FROM INFILE '{file}' FORMAT TSV
CREATE TABLE endpoint_reading.x (a UInt8) ENGINE = Memory
CREATE TEMPORARY TABLE x (a UInt8)
CREATE VIEW endpoint_reading.v AS SELECT 1
CREATE FUNCTION f AS x -> x
CREATE DATABASE x
CREATE USER x
CREATE NAMED COLLECTION x AS a = 1
CREATE DICTIONARY endpoint_reading.d (a UInt8) PRIMARY KEY a SOURCE(FILE(PATH '{file}' FORMAT 'TSV')) LAYOUT(FLAT())
DROP TABLE endpoint_reading.t
TRUNCATE TABLE endpoint_reading.t
ALTER TABLE endpoint_reading.t DELETE WHERE 1
DELETE FROM endpoint_reading.t WHERE 1
UPDATE endpoint_reading.t SET a = 2 WHERE 1
OPTIMIZE TABLE endpoint_reading.t
RENAME TABLE endpoint_reading.t TO endpoint_reading.u
DETACH TABLE endpoint_reading.t
UNDROP TABLE endpoint_reading.t
ATTACH TABLE endpoint_reading.y FROM '/tmp' (a UInt8) ENGINE = Memory
BACKUP TABLE endpoint_reading.t TO File('{out}')
RESTORE TABLE endpoint_reading.t FROM File('{out}')
SYSTEM FLUSH LOGS
SYSTEM SHUTDOWN
KILL QUERY WHERE 1
SET readonly = 0
SET max_threads = 2
USE system
GRANT ALL ON *.* TO x
EXECUTE AS default SELECT 1
DROP TABLE endpoint_reading.t PARALLEL WITH DROP TABLE endpoint_reading.u
SELECT 1; DROP TABLE endpoint_reading.t
SELECT 1 INTO OUTFILE '{out}'
SELECT/**/1/**/InTo/**/OutFile/**/'{out}' APPEND
SELECT 1 INTO OUTFILE '{out}' TRUNCATE FORMAT CSV
(SELECT 1) UNION ALL (SELECT 2) INTO OUTFILE '{out}'
EXPLAIN SELECT 1 INTO OUTFILE '{out}'
SHOW TABLES INTO OUTFILE '{out}'
DESCRIBE endpoint_reading.t INTO OUTFILE '{out}'
EXISTS endpoint_reading.t INTO OUTFILE '{out}'
SELECT $$'$$ INTO OUTFILE '{out}'
SELECT $$'$$ INTO OUTFILE $${out}$$
SHOW TABLES LIKE $$'$$ INTO OUTFILE '{out}'
DESCRIBE (SELECT $x$'$x$) INTO OUTFILE '{out}'
SHOW CREATE TABLE endpoint_reading.t INTO OUTFILE '{out}'
CHECK TABLE endpoint_reading.t INTO OUTFILE '{out}'
""".strip().splitlines()
STATEMENTS_THAT_REACH_OUT = """
SELECT * FROM file('{file}', 'LineAsString')
SELECT * FROM FiLe('{file}', 'LineAsString')
SELECT * FROM/**/`file`/**/('{file}', 'LineAsString')
SELECT * FROM "file"('{file}', 'LineAsString')
SELECT `fi\\x6ce`('{file}')
SELECT file('{file}')
file('{file}')
SELECT * FROM default.`{file}`
SELECT * FROM `{file}`
SELECT * FROM '{file}'
SELECT * FROM "file://{file}"
SELECT (SELECT * FROM file('{file}', 'LineAsString'))
SELECT 1 WHERE 'x' IN (SELECT * FROM file('{file}', 'LineAsString'))
SELECT 1 IN file('{file}', 'LineAsString')
WITH x AS (SELECT * FROM file('{file}', 'LineAsString')) SELECT * FROM x
WITH RECURSIVE x AS (SELECT file('{file}') AS a UNION ALL SELECT a FROM x) SELECT a FROM x LIMIT 1
WITH f AS (x -> file(x)) SELECT f('{file}')
SELECT * FROM view(SELECT * FROM file('{file}', 'LineAsString'))
SELECT 1 UNION ALL SELECT file('{file}')
SELECT '1' INTERSECT SELECT file('{file}')
SELECT arrayMap(x -> file(x), ['{file}'])
SELECT arrayMap(file, ['{file}'])
SELECT * APPLY file FROM (SELECT '{file}')
SELECT * APPLY(file) FROM (SELECT '{file}')
SELECT * APPLY(x -> file(x)) FROM (SELECT '{file}')
SELECT COLUMNS('p') APPLY file FROM (SELECT '{file}' AS p)
SELECT * REPLACE(file(p) AS p) FROM (SELECT '{file}' AS p)
SELECT 1 FROM endpoint_reading.t ORDER BY file('{file}')
SELECT b FROM values('a UInt8, b String ALIAS file(''{file}'')', 1)
SELECT b FROM generateRandom('a UInt8, b String ALIAS file(''{file}'')') LIMIT 1
SELECT b FROM format(TSV, 'a UInt8, b String ALIAS file(''{file}'')', '1')
DESCRIBE file('{file}')
DESCRIBE TABLE file('{file}', 'LineAsString')
DESC /* ( */ url('http://127.0.0.1:9/')
DESC (SELECT * APPLY file FROM (SELECT '{file}'))
DESC `fi\\x6ce`('{file}')
EXPLAIN SELECT * FROM file('{file}', 'LineAsString')
EXPLAIN QUERY TREE SELECT file('{file}')
EXPLAIN TABLE OVERRIDE mysql('127.0.0.1:9', 'a', 'b', 'c', 'd') COLUMNS (a Int8)
SELECT * FROM merge('default', 'secret')
SELECT * FROM loop(file('{file}', 'LineAsString'))
SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString')
SELECT * FROM url('file://{file}', 'LineAsString')
SELECT * FROM s3('http://127.0.0.1:9/b/x.csv')
SELECT * FROM gcs('http://127.0.0.1:9/b/x.csv')
SELECT * FROM azureBlobStorage('http://127.0.0.1:9', 'a', 'b')
SELECT * FROM hdfs('hdfs://127.0.0.1:9/x', 'CSV', 'a Int8')
SELECT * FROM remote('127.0.0.1:9', 'system.one')
SELECT * FROM cluster('default', system.one)
SELECT * FROM mysql('127.0.0.1:9', 'a', 'b', 'c', 'd')
SELECT * FROM postgresql('127.0.0.1:9', 'a', 'b', 'c', 'd')
SELECT * FROM mongodb('127.0.0.1:9', 'a', 'b', 'c', 'd', 'x Int8')
SELECT * FROM redis('127.0.0.1:9', 'k', 'k String, v String')
SELECT * FROM sqlite('{file}', 't')
SELECT * FROM icebergLocal('{file}')
SELECT * FROM deltaLakeLocal('{file}')
SELECT * FROM filesystem('/')
SELECT * FROM executable('cat', 'TSV', 'x String')
SELECT * FROM python('x')
SELECT * FROM Python(x)
SELECT * FROM viewIfPermitted(SELECT file('{file}') ELSE null('a String'))
SELECT hasColumnInTable('127.0.0.1:9', 'u', 'p', 'system', 'one', 'dummy')
SELECT catboostEvaluate('{file}', 1)
SELECT aiGenerate('x')
SELECT arrayMap(aiGenerate, ['x'])
SELECT 1 SETTINGS readonly = 0
SELECT 1 SETTINGS max_execution_time = 0
SELECT * FROM file('{file}', 'LineAsString') SETTINGS readonly = 0
SELECT 1 FORMAT Template SETTINGS format_template_row = '{file}'
""".strip().splitlines()
STATEMENTS_THAT_READ = """
SELECT sum(a) FROM endpoint_reading.t
select/*c*/sum(a)from(select a from endpoint_reading.t)
FROM endpoint_reading.t SELECT sum(a)
WITH x AS (SELECT a FROM endpoint_reading.t) SELECT sum(a) FROM x
(SELECT 1) UNION ALL (SELECT 2)
SELECT 'INTO OUTFILE', 'file(', '; DROP TABLE t' -- INTO OUTFILE
SELECT url, format('{{}}', url) FROM (SELECT 'http://x/' AS url)
SELECT arrayMap(x -> x + 1, [1]), count() FILTER (WHERE a > 0) FROM endpoint_reading.t
SELECT * FROM numbers(3)
SELECT * FROM merge('endpoint_reading', '^t$')
SELECT * FROM view(SELECT 1)
SELECT name FROM system.columns WHERE database = 'endpoint_reading' FORMAT JSON
SHOW TABLES FROM endpoint_reading
SHOW COLUMNS FROM endpoint_reading.t
SHOW CREATE TABLE endpoint_reading.t FORMAT Vertical
DESCRIBE endpoint_reading.t
EXISTS TABLE endpoint_reading.t
EXPLAIN SELECT 1
EXPLAIN SYNTAX SELECT 1
""".strip().splitlines()


class Desk:
    """A server with something to steal, and a way to ask it as the analyst."""

    def __init__(self, server: ClickHouseProcess, folder: Path) -> None:
        self.server = server
        self.file = folder / "secret.tsv"
        self.out = folder / "out"

    def ask(self, statement: str, **fields: str) -> Reply:
        text = statement.format(file=self.file, out=self.out)
        return send(self.server, text, headers={"X-ClickHouse-User": "analyst"}, fields=fields)

    def content(self) -> str:
        return send(self.server, "SELECT groupArray(a) FROM endpoint_reading.t").text


@pytest.fixture(scope="module")
def desk(clickhouse: ClickHouseProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(clickhouse, tmp_path_factory.mktemp("desk"))
    desk.file.write_text(SECRET)
    send(clickhouse, "CREATE DATABASE endpoint_reading ENGINE = Atomic")
    send(clickhouse, "CREATE TABLE endpoint_reading.t (a UInt64) ENGINE = MergeTree ORDER BY a")
    send(clickhouse, "INSERT INTO endpoint_reading.t VALUES (1), (2)")
    yield desk
    send(clickhouse, "DROP DATABASE endpoint_reading")


@pytest.mark.parametrize("statement", STATEMENTS_THAT_READ)
@pytest.mark.parametrize("database", ["default", "endpoint_reading"])
def test_reading_is_allowed(desk: Desk, statement: str, database: str) -> None:
    reply = desk.ask(statement, database=database)
    assert (reply.status, reply.code) == (200, 0), reply.text
    assert reply.body


@pytest.mark.parametrize("statement", STATEMENTS_THAT_WRITE)
def test_writing_is_not(desk: Desk, statement: str) -> None:
    reply = desk.ask(statement)
    assert reply.code in (Code.ACCESS_DENIED, Code.SYNTAX_ERROR), reply.text
    assert desk.content() == "[1,2]\n"
    assert not desk.out.exists()


@pytest.mark.parametrize("statement", ["SELEC 1", "SELECT 'a", "SELECT 1 FORM x", "DROP TABEL t"])
def test_of_what_cannot_be_parsed_that_is_said(desk: Desk, statement: str) -> None:
    reply = desk.ask(statement)
    assert reply.code == Code.SYNTAX_ERROR, reply.text
    assert "In scope" not in reply.text


@pytest.mark.parametrize("statement", STATEMENTS_THAT_REACH_OUT)
@pytest.mark.parametrize("database", ["default", "endpoint_reading"])
def test_nothing_outside_the_tables_is_within_reach(desk: Desk, statement: str, database: str) -> None:
    reply = desk.ask(statement, database=database)
    refusals = {Code.ACCESS_DENIED, Code.READONLY, Code.UNKNOWN_TABLE, Code.SYNTAX_ERROR, 636}
    assert reply.code in refusals, reply.text
    assert SECRET not in reply.text


def test_the_secret_is_there_for_whom_it_may_concern(desk: Desk) -> None:
    assert send(desk.server, f"SELECT file('{desk.file}')").text == SECRET + "\n"


def test_parameters_name_neither_files_nor_functions(desk: Desk) -> None:
    assert desk.ask("SELECT a FROM {{t:Identifier}} LIMIT 1", param_t="endpoint_reading.t").code in (
        0,
        Code.UNKNOWN_TABLE,
    )
    for name in ("file", "FILE", "`file`", "fi\\x6ce"):
        reply = desk.ask("SELECT arrayMap({{f:Identifier}}, ['{file}'])", param_f=name)
        assert reply.code == Code.ACCESS_DENIED, reply.text
    reply = desk.ask("SELECT * FROM {{t:Identifier}}", param_t=str(desk.file), database="default")
    assert reply.code == Code.ACCESS_DENIED
    assert desk.ask("SELECT {{x:String}}", param_x="file").text == "file\n"


def test_what_readers_could_misread_is_refused(desk: Desk) -> None:
    for statement in (b"SELECT 1\0 INTO OUTFILE '/tmp/x'", b"SELECT '\xff'"):
        reply = send(desk.server, statement, headers={"X-ClickHouse-User": "analyst"})
        assert reply.status == 400


def test_settings_that_lift_bounds_are_refused(desk: Desk) -> None:
    for name in ("readonly", "allow_ddl", "format_schema", "dialect", "additional_table_filters"):
        assert desk.ask("SELECT 1", **{name: "0"}).code == Code.READONLY
    assert desk.ask("SELECT getSetting('max_execution_time')", max_execution_time="9999").text == "60\n"
    assert desk.ask("SELECT getSetting('readonly')", readonly="2").text == "1\n"


def test_a_query_without_end_ends(desk: Desk) -> None:
    reply = desk.ask("SELECT sum(number) FROM numbers(1000000000000)", max_execution_time="1")
    assert reply.code == Code.TIMEOUT_EXCEEDED
    assert desk.ask("SELECT number FROM numbers(100) FORMAT JSON", max_result_rows="10").code == 396
    assert desk.ask("SELECT groupArray(number) FROM numbers(100000000)", max_memory_usage="100000000").code == 241


def test_a_nested_statement_is_no_way_round(desk: Desk) -> None:
    deep = "(" * 900 + "1" + ")" * 900
    assert "Traceback" not in desk.ask(f"SELECT {deep}").text
    nested = "SELECT * FROM (" * 100 + "SELECT file('{file}')" + ")" * 100
    assert desk.ask(nested).code != 0


def test_the_client_library_works_for_the_analyst(desk: Desk) -> None:
    client = connect(desk.server.analyst_url, database="endpoint_reading")
    assert client.query("SELECT a FROM t ORDER BY a").result_rows == [(1,), (2,)]
    assert list(client.query_df("SELECT a FROM t ORDER BY a")["a"]) == [1, 2]
    assert client.command("SELECT count() FROM t") == 2
