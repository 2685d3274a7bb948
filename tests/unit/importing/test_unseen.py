"""Columns that no row has are told where they are found in the rows only."""

import pytest

from pipeline.importing.loading import parse_mapping
from pipeline.importing.run import run
from pipeline.importing.summary import Summary
from tests.unit.importing.helpers import EVENT, HEAD


def unseen(file: str, text: str, fields: str) -> list[str]:
    summary = Summary()
    mapping = parse_mapping(HEAD + EVENT + fields, "shop.toml")
    for outcome in run(mapping, [file], lambda *_: text.splitlines(keepends=True), summary.unseen):
        summary.add(outcome)
    return [line.strip() for line in summary.lines() if "in any row" in line]


def test_a_misspelt_column_is_told_with_what_it_may_have_meant() -> None:
    rows = '{"id": 1, "user": {"mail": "a@b.c"}}\n{"id": 2, "user": {}}\n'
    assert unseen("rows.ndjson", rows, 'data.mail = "user.mial"\n') == [
        "column 'user.mial' of 'rows' has no value in any row; did you mean 'user.mail'? known: id, user, user.mail"
    ]


@pytest.mark.parametrize("file", ["rows.ndjson", "rows.jsonl.gz"])
def test_one_row_that_has_it_is_enough(file: str) -> None:
    assert unseen(file, '{"id": 1}\n{"id": 2, "a": 1}\n{"id": 3}\n', 'data.a = "a"\n') == []


def test_a_column_of_a_csv_file_may_be_empty() -> None:
    assert unseen("rows.csv", "id,a\n1,\n", 'data.a = "a"\n') == []
