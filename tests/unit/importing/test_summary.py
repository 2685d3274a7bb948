from pipeline.importing.summary import EXAMPLES, Summary
from tests.unit.importing.helpers import EVENT, HEAD, outcomes


def test_everything_is_counted() -> None:
    summary = Summary()
    rows = "id,a\n1,5\n2,x\n3,\n4,7\n,8\n"
    mapping = HEAD + EVENT + 'when.a.present = true\ndata.a = { column = "a", as = "integer" }\n'
    for outcome in outcomes(mapping, {"rows.csv": rows}):
        summary.add(outcome)
    assert (summary.made, summary.unmapped, summary.failures) == (2, 1, 2)
    assert summary.lines() == [
        "         2  web.page_viewed",
        "         2  events",
        "         1  rows that matched no event of the mapping",
        "         2  rejected, by kind, each with its first example",
        "               1  rows.csv, line 3, column 'a': 'x': an integer is expected (for web.page_viewed)",
        "               1  rows.csv, line 6, column 'id': at least one identifier is required (for web.page_viewed)",
    ]


def test_of_each_kind_of_rejection_the_first_is_shown() -> None:
    summary = Summary()
    mapping = HEAD + EVENT + 'data.a = { column = "a", as = "integer" }\n'
    for outcome in outcomes(mapping, {"rows.csv": "id,a\n" + ",1\n" * 1_100 + "7,x\n"}):
        summary.add(outcome)
    assert summary.lines()[1:] == [
        "     1,101  rejected, by kind, each with its first example",
        "           1,100  rows.csv, line 2, column 'id': at least one identifier is required (for web.page_viewed)",
        "               1  rows.csv, line 1102, column 'a': 'x': an integer is expected (for web.page_viewed)",
    ]


def test_few_kinds_are_shown_however_many_there_are() -> None:
    summary = Summary()
    rows = "".join("1," + "," * cells + "\n" for cells in range(1, 100))
    for outcome in outcomes(HEAD + EVENT, {"rows.csv": "id,a\n" + rows}):
        summary.add(outcome)
    assert summary.failures == 99
    assert summary.lines()[-1] == "              89  of other kinds"
    assert len(summary.lines()) == EXAMPLES + 3
