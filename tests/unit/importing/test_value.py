from pipeline.importing.row import Rejected
from tests.unit.importing.helpers import HEAD, data, events, outcomes, rejection


def test_a_text_names_a_column() -> None:
    assert data('"a"', "a", " 12 ") == "12"


def test_a_missing_cell_leaves_the_field_out() -> None:
    assert data('"a"', "a", "") is None


def test_words_that_mean_missing() -> None:
    assert data('"a"', "a", "?", 'missing = ["?"]\n' + HEAD) is None


def test_a_constant_is_the_same_for_every_row() -> None:
    assert data("{ constant = 3 }", "a", "x") == 3
    assert data('{ constant = { a = [1, "b"] } }', "a", "x") == {"a": [1, "b"]}


def test_a_template_fills_in_columns() -> None:
    assert data('{ template = "{a}/{b}!" }', "a,b", "1,2") == "1/2!"


def test_a_template_without_one_of_its_columns_is_missing() -> None:
    assert data('{ template = "{a}/{b}" }', "a,b", "1,") is None


def test_a_template_does_not_fill_in_twice() -> None:
    assert data('{ template = "{a}{b}" }', "a,b", "{b},2") == "{b}2"


def test_the_first_that_is_there() -> None:
    assert data('{ first_of = ["a", "b"] }', "a,b", ",2") == "2"
    assert data('{ first_of = ["a", "b"] }', "a,b", "1,2") == "1"
    assert data('{ first_of = ["a", "b"] }', "a,b", ",") is None


def test_the_latest_and_the_earliest_are_moments_not_texts() -> None:
    head = 'formats = ["%d/%m/%Y"]\n' + HEAD
    assert data('{ latest_of = ["a", "b"] }', "a,b", "02/01/2020,01/02/2020", head) == "2020-02-01T00:00:00.000Z"
    assert data('{ earliest_of = ["a", "b"] }', "a,b", "02/01/2020,01/02/2020", head) == "2020-01-02T00:00:00.000Z"


def test_a_year_that_the_file_does_not_have_is_added_by_a_template() -> None:
    value = "{ template = '2026 {a}', as = 'time', formats = '%Y %d/%m %H:%M' }"
    assert data(value, "a", "02/01 10:00") == "2026-01-02T10:00:00.000Z"


def test_translations() -> None:
    table = '{ column = "a", values = { Phone = "phone", IVR = "phone" } }'
    assert data(table, "a", "IVR") == "phone"


def test_a_value_without_a_translation_is_rejected_unless_said_otherwise() -> None:
    found = rejection('{ column = "a", values = { 1 = "one", 2 = "two" } }', "a", "3")
    assert (found.column, found.value, found.expected) == ("a", "3", "one of 1, 2 is expected")
    assert data('{ column = "a", values = { 1 = "one" }, unlisted = "drop" }', "a", "3") is None
    assert data('{ column = "a", values = { 1 = "one" }, unlisted = "keep" }', "a", "3") == "3"
    assert data('{ column = "a", values = { 1 = "one" }, unlisted = "drop", default = "x" }', "a", "3") == "x"


def test_a_default_stands_in_for_a_missing_value_only() -> None:
    assert data('{ column = "a", as = "integer", default = 0 }', "a", "") == 0
    assert data('{ column = "a", as = "integer", default = 0 }', "a", "5") == 5


def test_a_default_does_not_hide_a_wrong_value() -> None:
    assert rejection('{ column = "a", as = "integer", default = 0 }', "a", "five").value == "five"


def test_a_required_value_must_be_there() -> None:
    found = rejection('{ column = "a", required = true }', "a", "")
    assert (found.column, found.expected) == ("a", "a value is required here, found none")


def test_nested_objects_without_empty_ones() -> None:
    table = '{ fields = { min = { column = "a", as = "number" }, max = "b" } }'
    assert data(table, "a,b", "1.5,") == {"min": 1.5}
    assert data(table, "a,b", ",") is None


def test_the_previous_row_of_the_group() -> None:
    mapping = """
name = "shop"
[inputs.rows]
group = "id"
[[events]]
type = "web.page_viewed"
identifiers.customer_id = "id"
data.now = "a"
data.before.previous = "a"
"""
    made = events(mapping, {"rows.csv": "id,a\n1,x\n2,y\n1,z\n"})
    bodies = [event["data"] for event in made]
    assert bodies == [
        {"identifiers": {"customer_id": "1"}, "now": "x"},
        {"identifiers": {"customer_id": "2"}, "now": "y"},
        {"identifiers": {"customer_id": "1"}, "now": "z", "before": "x"},
    ]


def test_a_wrong_value_inside_a_nested_one_is_rejected_with_its_column() -> None:
    (outcome,) = outcomes(
        HEAD + '[[events]]\ntype = "a.b"\nidentifiers.customer_id = "id"\n'
        'data.range.fields.low = { column = "a", as = "number" }\n',
        {"rows.csv": "id,a\n1,cold\n"},
    )
    assert outcome == Rejected("rows.csv", 2, "a", "cold", "a number is expected", "a.b")
