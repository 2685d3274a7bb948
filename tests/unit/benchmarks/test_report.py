"""The report: what a section's rows become, and that a row that does not fit is noticed."""

from pathlib import Path

import pytest

from tests.benchmarks.__main__ import SECTIONS
from tests.benchmarks.report import markdown_table, shown, write
from tests.benchmarks.results import Results, table_of
from tests.benchmarks.section import Bench, Plot, Row, Section


def section(columns: tuple[str, ...]) -> Section:
    def measure(bench: Bench) -> list[Row]:
        return []

    plot = Plot(kind="bars", x=("who",), y=("events/s",), label="events per second")
    return Section(key="race", title="A race", method="By\n   hand.", columns=columns, measure=measure, plots=(plot,))


@pytest.mark.parametrize(
    ("cell", "text"),
    [(None, ""), ("Faust", "Faust"), (1_000_000, "1,000,000"), (1234.5, "1,234"), (56.78, "56.8"), (1.234, "1.23")],
)
def test_three_digits_are_shown(cell: str | int | float | None, text: str) -> None:
    assert shown(cell) == text


def test_numbers_stand_to_the_right() -> None:
    table = table_of(section(("who", "events/s", "sink")), [("Faust", 4_000.0, None), ("bytewax", 90_000.0, 1.5)])
    assert markdown_table(table).splitlines() == [
        "| who | events/s | sink |",
        "| --- | ---: | ---: |",
        "| Faust | 4,000 |  |",
        "| bytewax | 90,000 | 1.50 |",
    ]


def test_a_row_that_does_not_fit_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="section race has 2 columns, a row 1"):
        table_of(section(("who", "events/s")), [("Faust",)])


@pytest.mark.parametrize("each", SECTIONS, ids=lambda each: each.key)
def test_plots_show_columns_that_their_section_has(each: Section) -> None:
    for plot in each.plots:
        assert {*plot.x, *plot.y, plot.by} - {""} <= set(each.columns)


def test_a_report_is_written_and_its_results_can_be_read_again(tmp_path: Path) -> None:
    table = table_of(section(("who", "events/s")), [("Faust", 4_000.0)])
    results = Results("quick", {"Python": "3.11.7"}, (table,))
    text = write(results, tmp_path, None).read_text()
    assert "| Python | 3.11.7 |" in text
    assert "## A race\n\nBy hand.\n" in text
    assert "Do not quote it" in text
    assert ".svg" not in text
    assert Results.load(tmp_path / "results.json") == results
