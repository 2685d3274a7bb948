import msgspec
import pytest

from pipeline.importing.mapping import Source
from pipeline.importing.reading import read_rows
from pipeline.importing.row import Rejected, Row
from pipeline.importing.section import MappingError


def read(
    text: str, file: str = "rows.csv", columns: str = "a", kind: str = "", delimiter: str = ",", whole: bool = False
) -> list[Row | Rejected]:
    source = Source(
        name="rows", file="", format=kind, delimiter=delimiter, encoding="utf-8", columns=frozenset(columns.split())
    )
    source = msgspec.structs.replace(source, whole=whole)
    return list(read_rows(text.splitlines(keepends=True), file, source, frozenset(("", "?"))))


def cells(outcomes: list[Row | Rejected]) -> list[object]:
    return [outcome.values if isinstance(outcome, Row) else outcome.expected for outcome in outcomes]


def test_cells_are_trimmed_and_missing_ones_left_out() -> None:
    assert cells(read(" a ,b\n 1 ,2\n?,3\n,4\n", columns="a b")) == [{"a": "1", "b": "2"}, {"b": "3"}, {"b": "4"}]


def test_columns_that_nobody_reads_are_left_out() -> None:
    assert cells(read("a,b\n1,2\n")) == [{"a": "1"}]


def test_a_cell_may_hold_lines_and_a_row_begins_at_its_first() -> None:
    rows = read('a,b\n"one\ntwo",2\n3,4\n')
    assert [row.line for row in rows] == [2, 4]
    assert cells(rows) == [{"a": "one\ntwo"}, {"a": "3"}]


def test_rows_of_another_width_are_rejected_and_the_rest_goes_on() -> None:
    assert cells(read("a,b\n1\n1,2,3\n1,2\n")) == [
        "2 cells are expected as in the first line, found 1",
        "2 cells are expected as in the first line, found 3",
        {"a": "1"},
    ]


def test_empty_lines_are_skipped() -> None:
    assert cells(read("a,b\n\n1,2\n\n")) == [{"a": "1"}]


def test_what_is_no_csv_is_rejected() -> None:
    found, after = read('a,b\n"1"x,2\n3,4\n')
    assert isinstance(found, Rejected)
    assert (found.line, after.line) == (2, 3)
    assert found.expected.startswith("this is not a CSV row")


def test_bytes_of_another_encoding_are_rejected() -> None:
    (found,) = read("a,b\nM\udcfcnchen,2\n")
    assert isinstance(found, Rejected)
    assert (found.column, found.value, found.line) == ("a", "M?nchen", 2)


def test_a_column_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(
        MappingError, match=r"^rows.csv: there is no column 'colour' for 'rows'; did you mean 'color'\?"
    ):
        read("color,size\n1,2\n", columns="colour")


def test_an_empty_file_has_no_columns() -> None:
    with pytest.raises(MappingError, match="there is no column 'a' for 'rows'; the first line is empty"):
        read("")


@pytest.mark.parametrize(
    ("text", "delimiter", "said"),
    [
        ("b;c\n1;2\n", ",", """'a' for 'rows'; known: b;c. That is one column: set 'delimiter' to ";"?"""),
        ("b,c\n1,2\n", ";", """known: b,c. That is one column: set 'delimiter' to ","?"""),
        ("b\tc\n1\t2\n", ",", r"""That is one column: set 'delimiter' to "\t"?"""),
        ("b\n1\n", ",", "known: b"),
        ("b,c\n1,2\n", ",", "known: b, c"),
        ("PK\3\4\24\0\n", ",", "the file is an archive or a spreadsheet: unpack it, or save it as CSV"),
        ("\udcff\udcfea\0,\0b\0", ",", """the file looks like UTF-16: set 'encoding' to "utf-16\""""),
    ],
)
def test_a_column_that_is_not_there_tells_what_is_usually_wrong(text: str, delimiter: str, said: str) -> None:
    with pytest.raises(MappingError) as caught:
        read(text, columns="a", delimiter=delimiter)
    assert str(caught.value).endswith(said)


def test_a_column_that_is_there_twice_is_refused_if_it_is_read() -> None:
    with pytest.raises(MappingError, match="two columns 'a'"):
        read("a,a\n1,2\n")
    assert cells(read("a,b,b\n1,2,3\n")) == [{"a": "1"}]


def test_another_delimiter() -> None:
    assert cells(read("a;b\n1,5;2\n", delimiter=";")) == [{"a": "1,5"}]


def test_ndjson_objects_are_flattened() -> None:
    rows = read('{"a": {"b": 1, "c": [2]}, "d": null, "e": "?"}\n\nnull\n{"a"\n', file="rows.ndjson.gz")
    assert cells(rows)[0] == {"a": {"b": 1, "c": [2]}, "a.b": 1, "a.c": [2]}
    assert cells(rows)[1] == "a JSON object is expected"
    assert str(cells(rows)[2]).startswith("a JSON object is expected: ")
    assert [row.line for row in rows] == [1, 3, 4]


def test_a_json_array() -> None:
    assert cells(read('[{"a": 1},\n {"a": 2}]', file="rows.json")) == [{"a": 1}, {"a": 2}]
    assert cells(read("[", kind="json")) != []


def test_where_rows_are_told_apart_by_all_columns_none_is_there_twice() -> None:
    with pytest.raises(MappingError, match="two columns 'b'"):
        read("a,b,b,,\n1,2,3,,\n", whole=True)
    assert len(read("a,b,,\n1,2,,\n", whole=True)) == 1


def test_a_column_name_in_another_encoding_is_refused() -> None:
    with pytest.raises(MappingError, match="'Stra\\?e' is no text in the file's encoding; set 'encoding'"):
        read("a,Stra\udcdfe\n1,2\n", whole=True)
    assert cells(read("a,Stra\udcdfe\n1,2\n")) == [{"a": "1"}]


@pytest.mark.parametrize(
    ("text", "file", "said"),
    [
        ('{}\n{"a": NaN}\n', "x.ndjson", "x.ndjson, line 2: 'NaN}': a JSON object is expected: unexpected character"),
        ('[{},\n{"a": NaN}]', "x.json", "x.json, line 2: 'NaN}]': a JSON array of objects is expected: unexpected"),
        ('{"a": "M\udcfcnchen"}\n', "x.ndjson", 'x.ndjson, line 1: \'{"a": "M?nchen"}\': text in the file\'s encoding'),
    ],
)
def test_what_is_no_json_is_told_with_its_line_and_what_stands_there(text: str, file: str, said: str) -> None:
    assert str(read(text, file=file)[-1]).startswith(said)
