import pytest

from pipeline.importing.row import Rejected
from tests.unit.importing.helpers import HEAD, events, outcomes

ROWS = "id,n,a\n1,1,x\n1,2,x\n2,3,\n1,4,y\n1,5,z\n1,6,x\n2,7,5\n2,8,10\n2,9,10\n2,10,9\n"


def chosen(when: str) -> list[str]:
    """The column n of the rows that a condition on the column a lets through."""
    mapping = f"""
name = "shop"
missing = ["-"]
[inputs.rows]
group = "id"
[[events]]
type = "web.page_viewed"
{when}
identifiers.customer_id = "id"
id = "{{n}}"
"""
    return [str(event["id"]) for event in events(mapping, {"rows.csv": ROWS})]


@pytest.mark.parametrize(
    ("when", "rows"),
    [
        ('when.a = "x"', ["1", "2", "6"]),
        ('when.a = ["y", "z"]', ["4", "5"]),
        ('when.a.is = "y"', ["4"]),
        ('when.a.not = "x"', ["3", "4", "5", "7", "8", "9", "10"]),
        ("when.a.present = true", ["1", "2", "4", "5", "6", "7", "8", "9", "10"]),
        ("when.a.present = false", ["3"]),
        ('when.a.matches = "^[yz]$"', ["4", "5"]),
        ('when.a.becomes = "x"', ["1", "6"]),
        ('when.a.leaves = "x"', ["4"]),
        ("when.a.changes = true", ["4", "5", "6", "7", "8", "10"]),
        ('when.a.any = [{ leaves = "x" }, { becomes = "z" }]', ["4", "5"]),
        ('row = "first"', ["1", "3"]),
        ('row = "later"', ["2", "4", "5", "6", "7", "8", "9", "10"]),
        ('row = "later"\nwhen.a = "x"', ["2", "6"]),
        ('when.a = "x"\nwhen.id = "1"\nwhen.n.not = "2"', ["1", "6"]),
    ],
)
def test_conditions(when: str, rows: list[str]) -> None:
    assert chosen(when) == rows


def test_growth() -> None:
    rows = 'when.id = "2"\nwhen.a.{} = true'
    assert chosen(rows.format("increases")) == ["8"]
    assert chosen(rows.format("decreases")) == ["10"]


def test_the_same_number_in_other_words_is_no_growth() -> None:
    mapping = 'name = "shop"\n[inputs.rows]\ngroup = "id"\n[[events]]\ntype = "a.b"\nid = "{a}"\n'
    mapping += 'identifiers.customer_id = "id"\nwhen.a.increases = true\n'
    made = events(mapping, {"rows.csv": "id,a\n1,10\n1,10.0\n1,11\n"})
    assert [event["id"] for event in made] == ["11"]


def test_growth_reads_the_decimal_mark_of_the_mapping() -> None:
    mapping = 'name = "shop"\ndecimal = ","\n[inputs.rows]\ngroup = "id"\n[[events]]\ntype = "a.b"\nid = "{a}"\n'
    mapping += 'identifiers.customer_id = "id"\nwhen.a.increases = true\n'
    made = events(mapping, {"rows.csv": 'id,a\n1,"9,5"\n1,"10,2"\n1,"10,1"\n'})
    assert [event["id"] for event in made] == ["10,2"]


def test_growth_of_what_is_no_number_is_rejected() -> None:
    mapping = 'name = "shop"\n[inputs.rows]\ngroup = "id"\n'
    mapping += '[[events]]\ntype = "a.b"\nidentifiers.customer_id = "id"\nwhen.a.increases = true\n'
    made = outcomes(mapping, {"rows.csv": "id,a\n1,1\n1,two\n"})
    assert Rejected("rows.csv", 3, "a", "two", "a number is expected", "a.b") in made


def test_without_groups_no_row_comes_before() -> None:
    mapping = HEAD + '[[events]]\ntype = "a.b"\nid = "{n}"\nidentifiers.customer_id = "id"\nwhen.a = "x"\n'
    assert [event["id"] for event in events(mapping, {"rows.csv": ROWS})] == ["1", "2", "6"]
