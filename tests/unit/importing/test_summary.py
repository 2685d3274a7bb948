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
        "         1  rows that no event of the mapping is about",
        "         2  rejected, among them",
        "            rows.csv, line 3, column 'a': 'x': an integer is expected (for web.page_viewed)",
        "            rows.csv, line 6, column 'id': at least one identifier is required (for web.page_viewed)",
    ]


def test_examples_are_few_however_many_are_rejected() -> None:
    summary = Summary()
    for outcome in outcomes(HEAD + EVENT, {"rows.csv": "id,a\n" + ",1\n" * 100}):
        summary.add(outcome)
    assert summary.failures == 100
    assert len(summary.examples) == EXAMPLES
    assert len(summary.rejected) == 1
