"""Telling statements apart, and an insert from its data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.clickhouse.endpoint.statement import (
    Insert,
    first_word,
    has_result,
    is_select,
    may_name_a_file,
    names,
    names_a_file,
    output_format,
    split_insert,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"INSERT INTO t FORMAT Native\n\x00\x01'", Insert("INSERT INTO t ", "Native", b"\x00\x01'")),
        (b"insert into d.t (a, `b)`) format TSV\n1\t2\n", Insert("insert into d.t (a, `b)`) ", "TSV", b"1\t2\n")),
        (b"INSERT INTO t FORMAT CSV \r\n1,2", Insert("INSERT INTO t ", "CSV", b"1,2")),
        (b"INSERT INTO t FORMAT JSONEachRow {}", Insert("INSERT INTO t ", "JSONEachRow", b"{}")),
        (b"INSERT INTO t VALUES (1)", Insert("INSERT INTO t ", "Values", b" (1)")),
        (b"INSERT INTO t (a) SETTINGS x=1 VALUES (1)", Insert("INSERT INTO t (a) SETTINGS x=1 ", "Values", b" (1)")),
        (b"/* SELECT */ INSERT -- x\nINTO t FORMAT TSV", Insert("/* SELECT */ INSERT -- x\nINTO t ", "TSV", b"")),
        (b"INSERT INTO t (a);\n", Insert("INSERT INTO t (a)", None, b"")),
    ],
)
def test_the_data_of_an_insert_begin_after_its_format(text: bytes, expected: Insert) -> None:
    assert split_insert(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        b"SELECT 1",
        b"INSERT INTO t SELECT 'FORMAT' AS format",
        b"INSERT INTO t WITH 1 AS x SELECT x FORMAT TSV",
        b"INSERT INTO t (a) FROM INFILE 'x' FORMAT CSV",
        b"EXPLAIN INSERT INTO t VALUES (1)",
        b"SELECT 'INSERT INTO t FORMAT Native'",
        b"",
        b"-- only a comment",
    ],
)
def test_what_brings_no_data_is_not_split(text: bytes) -> None:
    assert split_insert(text) is None


@given(st.binary())
def test_any_bytes_pass_as_data(data: bytes) -> None:
    found = split_insert(b"INSERT INTO t (a) FORMAT Native\n" + data)
    assert found is not None
    assert found.data == data


@given(st.binary())
def test_any_bytes_can_be_classified(text: bytes) -> None:
    split_insert(text)
    names(text)
    assert is_select(text) <= has_result(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"SELECT 1 FORMAT JSON", "JSON"),
        (b"SELECT 1 format CSV ;\n", "CSV"),
        (b"SELECT 1 FORMAT TSV SETTINGS max_threads = 1", "TSV"),
        (b"SELECT 'FORMAT JSON'", None),
        (b"SELECT a AS format, b FROM t", None),
    ],
)
def test_the_format_of_a_query_stands_at_its_end(text: bytes, expected: str | None) -> None:
    assert output_format(text) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"((select 1))", "SELECT"),
        (b"/* a */ -- b\n#! c\nWITH x AS (SELECT 1) SELECT *", "WITH"),
        (b"'a'", ""),
        (b"", ""),
        (b"show tables", "SHOW"),
    ],
)
def test_the_first_word_is_found_behind_comments_and_brackets(text: bytes, word: str) -> None:
    assert first_word(text) == word


def test_names_are_those_outside_strings_and_comments() -> None:
    text = b"DESC `File`('url', \"S3\") -- remote\n/* mysql */ #not a comment"
    assert names(text) == {"desc", "file", "s3", "not", "a", "comment"}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", [b"/* " * 300_000, b"SELECT 1 '" + b"\\'" * 300_000, b'x "' + b'\\"' * 300_000])
def test_what_never_ends_is_read_once(text: bytes) -> None:
    assert split_insert(text) is None
    assert names(text) <= {"select", "x", text[text.find(b'"') :].strip(b'"').decode()}


def test_an_unclosed_quote_goes_to_the_end() -> None:
    assert names(b"SELECT a, 'b, c") == {"select", "a"}


@pytest.mark.parametrize(
    ("formatted", "named"),
    [
        (rb"SELECT '\'' INTO OUTFILE '/x'", True),
        (b"INSERT INTO t FROM INFILE 'x' FORMAT CSV", True),
        (b"SELECT outfile, `INTO OUTFILE ''` FROM infile", False),
        (b"SELECT 'INTO OUTFILE \\'x\\''", False),
        (b"INSERT INTO infile (outfile) FORMAT Values", False),
    ],
)
def test_a_file_stands_after_its_words(formatted: bytes, named: bool) -> None:
    assert may_name_a_file(formatted)
    assert names_a_file(formatted) is named
