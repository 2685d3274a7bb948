"""Pages of all dashboards from canned answers: every panel is there, in its place, with what was answered."""

import re
from datetime import UTC, datetime
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grafana.preview.answers import Series, Table
from grafana.preview.dashboard import DASHBOARDS, Dashboard, load
from grafana.preview.page import NOTICE, draw
from tests.unit.grafana.canned import HOUR, Canned

EVERY = sorted(DASHBOARDS.glob("*.json"))
TIMES = tuple(HOUR * number for number in range(7))


class Balance(HTMLParser):
    """Follows opening and closing tags."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """It closes itself."""

    def handle_endtag(self, tag: str) -> None:
        if self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.fixture
def sources() -> Canned:
    labels = {"owner": "digital", "kind": "<rage & click>", "le": "60"}
    rising = Series(labels, TIMES, (1, 2, 3, float("nan"), 5, 6, 1234.5))
    low = Series({**labels, "owner": "logistics", "le": "+Inf"}, TIMES, (2, 3, 4, 5, 6, 7, 8000))
    points = [(datetime.fromtimestamp(time, UTC), 3 * time, 1) for time in TIMES]
    return Canned(
        [rising, low],
        Table(("what", "times"), [("late <parcel>", 12_345), ("queue", 67)]),
        Table(("since", "opened", "given <up>"), points),
    )


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_every_panel_is_drawn_in_its_place(path: Path, sources: Canned) -> None:
    dashboard = load(path)
    page = draw(dashboard, sources, "From a test.")
    assert NOTICE in page.html
    assert "From a test." in page.html
    assert page.empty == []
    for panel in dashboard.panels:
        place = panel.grid_pos
        where = f"grid-column:{place.x + 1}/span {place.w};grid-row:{place.y + 1}/span {place.h}"
        assert f'style="{where}"' in page.html
        assert escape(panel.title) in page.html
        assert escape(panel.description) in page.html
    queries = sum(len(panel.targets) for panel in dashboard.panels)
    assert len(sources.asked) == queries > 0
    assert page.html.count("<section") == len([panel for panel in dashboard.panels if panel.type != "row"])


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_a_page_is_well_formed_and_loads_nothing(path: Path, sources: Canned) -> None:
    html = draw(load(path), sources).html
    balance = Balance()
    balance.feed(html)
    assert balance.wrong == []
    assert balance.open == []
    assert "<rage" not in html
    assert "<parcel>" not in html
    assert not re.search(r"(?:src|href)=|url\(|<script", html)


def test_charts_of_what_is_rare_have_few_points(sources: Canned) -> None:
    draw(load(DASHBOARDS / "store.json"), sources)
    assert set(sources.steps.values()) == {600}


def test_a_chart_of_sql_has_a_line_for_each_column(sources: Canned) -> None:
    html = draw(load(DASHBOARDS / "support.json"), sources).html
    assert "</i>opened</span>" in html
    assert "</i>given &lt;up&gt;</span>" in html


def test_values_stand_there_with_their_units(sources: Canned) -> None:
    html = draw(load(DASHBOARDS / "delivery.json"), sources).html
    assert "12,345" in html  # a table's number
    assert ">12.3 K<" in html  # a bar's
    assert ">123450%<" in html  # delivered as promised: a share
    assert "late &lt;parcel&gt;" in html


def test_a_panel_without_data_says_so_and_is_named() -> None:
    dashboard = load(DASHBOARDS / "store.json")
    page = draw(dashboard, Canned([], Table((), [])))
    shown = [panel for panel in dashboard.panels if panel.type != "row"]
    assert page.empty == [panel.title for panel in shown]
    assert page.html.count("nothing yet") == len(shown)


def test_numbers_that_are_none_count_as_no_data() -> None:
    nothing = Series({"le": "1"}, TIMES[:2], (float("nan"), float("nan")))
    assert "Wait at the till" in draw(load(DASHBOARDS / "store.json"), Canned([nothing], Table((), []))).empty


def test_a_colour_follows_the_thresholds() -> None:
    dashboard = load(DASHBOARDS / "store.json")
    (panel,) = [panel for panel in dashboard.panels if panel.title == "Wait at the till"]
    for value, colour in ((10.0, "green"), (180.0, "orange"), (299.9, "orange"), (300.0, "red")):
        assert panel.field_config.defaults.thresholds.colour(value) == colour


def test_the_page_is_as_high_as_its_grid() -> None:
    heights = {path.stem: draw(load(path), Canned([], Table((), []))).height for path in EVERY}
    rows = {path.stem: load(path).rows for path in EVERY}
    assert sorted(heights, key=lambda name: heights[name]) == sorted(rows, key=lambda name: rows[name])
    assert all(height > 42 * rows[name] for name, height in heights.items())


def test_what_is_no_dashboard_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"title": "x"}')
    with pytest.raises(ValueError, match="uid"):
        load(file)
    assert isinstance(load(EVERY[0]), Dashboard)
