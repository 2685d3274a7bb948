import pytest

from pipeline.importing import repeats
from pipeline.importing.summary import Summary
from tests.unit.importing.helpers import HEAD, outcomes

MAPPING = f"""{HEAD}
[[events]]
type = "web.order_placed"
id = "{{n}}"
identifiers.order_id = "n"
data.amount = "a"
"""
SECOND = """
[[events]]
type = "delivery.delivered"
id = "{n}"
identifiers.order_id = "n"
"""


def summary_of(mapping: str, rows: str) -> Summary:
    summary = Summary()
    for outcome in outcomes(mapping, {"rows.csv": f"n,a\n{rows}"}):
        summary.add(outcome)
    return summary


def test_events_with_the_id_of_another_that_differs_are_told() -> None:
    summary = summary_of(MAPPING, "1,5\n2,5\n2,6\n2,7\n")
    assert summary.lines() == [
        "         4  web.order_placed",
        "         4  events",
        "         2  of them have the id of an earlier, different event, and the pipeline keeps only one:"
        " make 'id' unique. The first",
        "            rows.csv, line 4: '2' (for web.order_placed)",
    ]


def test_two_events_of_a_row_with_one_id_are_told() -> None:
    assert summary_of(MAPPING + SECOND, "1,5\n").repeats.count == 1


def test_the_same_event_again_and_the_same_id_of_another_source_do_no_harm() -> None:
    assert summary_of(MAPPING, "1,5\n1,5\n").repeats.count == 0
    assert summary_of(MAPPING + SECOND + 'source = "/other"\n', "1,5\n").repeats.count == 0


def test_only_so_many_events_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "REMEMBERED", 2)
    assert summary_of(MAPPING, "1,5\n2,5\n1,6\n").repeats.count == 1
    assert summary_of(MAPPING, "1,5\n2,5\n3,5\n4,5\n5,5\n1,6\n").repeats.count == 0
