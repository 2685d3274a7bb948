import pytest

from pipeline.importing.row import Json
from tests.unit.importing.helpers import data, rejection


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("text", "007", "007"),
        ("integer", "38.0", 38),
        ("integer", "-4", -4),
        ("integer", "123456789012345678", 123456789012345678),
        ("number", "1e3", 1000.0),
        ("money", "1 234.567", 1234.57),
        ("money", '"$1,234.50"', 1234.5),
        ("money", "€9.99", 9.99),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("json", '"{""a"": [1]}"', {"a": [1]}),
    ],
)
def test_conversions(kind: str, cell: str, value: Json) -> None:
    made = data(f'{{ column = "a", as = "{kind}" }}', "a", cell)
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("integer", "1.5"),
        ("integer", "NaN"),
        ("integer", "+-4"),
        ("integer", "9" * 5_000),
        ("integer", "18446744073709551616"),
        ("integer", "1e300"),
        ("number", "nan"),
        ("number", "inf"),
        ("number", "1,5"),
        ("money", "free"),
        ("money", "59,90"),
        ("money", "1.234,50"),
        ("boolean", "perhaps"),
        ("json", "{"),
        ("json", "[" * 400 + "]" * 400),
        ("time", "yesterday"),
        ("date", "31"),
    ],
)
def test_what_cannot_be_converted_is_rejected_with_its_value(kind: str, cell: str) -> None:
    quoted = f'"{cell}"'
    found = rejection(f'{{ column = "a", as = "{kind}" }}', "a", quoted)
    assert (found.column, found.value, found.line) == ("a", cell[:200], 2)
    assert "expected" in found.expected


def test_words_for_a_boolean() -> None:
    table = '{ column = "a", as = "boolean", true = ["sim"], false = ["nao"] }'
    assert data(table, "a", "SIM") is True
    assert data(table, "a", "nao") is False
    assert rejection(table, "a", "yes").expected == "one of sim, nao is expected"


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [("money", "59,90", 59.9), ("money", "1.234,50", 1234.5), ("number", "0,25", 0.25), ("integer", "7,0", 7)],
)
def test_a_decimal_comma(kind: str, cell: str, value: Json) -> None:
    table = f'{{ column = "a", as = "{kind}", decimal = "," }}'
    assert data(table, "a", f'"{cell}"') == value


@pytest.mark.parametrize(("kind", "cell"), [("money", "59.90"), ("number", "0.25"), ("money", "1,234.50")])
def test_a_decimal_point_where_a_comma_is_expected(kind: str, cell: str) -> None:
    table = f'{{ column = "a", as = "{kind}", decimal = "," }}'
    assert rejection(table, "a", f'"{cell}"').value == cell
