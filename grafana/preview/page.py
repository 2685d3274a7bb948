"""A dashboard as one HTML page: its panels on Grafana's grid of 24 columns."""

import logging
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import NamedTuple

from grafana.preview import colours, panels
from grafana.preview.answers import Sources
from grafana.preview.dashboard import Dashboard, Panel, Thresholds
from grafana.preview.units import written

WIDTH = 1600
COLUMNS = 24
CELL = 34
"""Height of a grid cell, pixels. Grafana has 30, but shows descriptions only on request."""
GAP = 8
HEAD = 64
TITLE = 26
LETTERS_PER_PIXEL = 1 / 5.4
"""In a description, on average."""
LINE = 14
STYLE = Path(__file__).with_name("style.css")
NOTICE = "Preview drawn by Touchline from live data; this is not Grafana."

logger = logging.getLogger(__name__)


class Page(NamedTuple):
    """A page and its height, pixels."""

    html: str
    height: int
    empty: list[str]
    """Titles of the panels without data."""


def draw(dashboard: Dashboard, sources: Sources, caption: str = "") -> Page:
    """Run the queries of a dashboard and draw the results.

    Args:
        dashboard: The dashboard.
        sources: Where its queries run.
        caption: A sentence about the data, for the head of the page.
    """
    sources = sources.last(dashboard.time.seconds)
    drawn = {panel.title: _panel(panel, sources) for panel in dashboard.panels}
    begin, end = (datetime.fromtimestamp(moment, UTC) for moment in (sources.since, sources.until))
    html = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(dashboard.title)}</title>
<style>{STYLE.read_text()}</style>
<header><h1>{escape(dashboard.title)}</h1><p>{escape(dashboard.description)}</p>
<aside><b>{NOTICE}</b><br>{begin:%a %d %b %Y %H:%M} to {end:%a %d %b %H:%M} UTC. {escape(caption)}</aside></header>
<main>{"".join(drawn.values())}</main></html>"""
    height = HEAD + dashboard.rows * (CELL + GAP) + 2 * GAP
    return Page(html, height, [title for title, text in drawn.items() if '<div class="empty">' in text])


def _panel(panel: Panel, sources: Sources) -> str:
    place = panel.grid_pos
    where = f"grid-column:{place.x + 1}/span {place.w};grid-row:{place.y + 1}/span {place.h}"
    if panel.type == "row":
        return f'<h2 style="{where}">{escape(panel.title)}</h2>'
    width = int((WIDTH - 2 * GAP - (COLUMNS - 1) * GAP) / COLUMNS * place.w + (place.w - 1) * GAP) - 2 * GAP
    height = place.h * (CELL + GAP) - GAP - TITLE - _lines(panel.description, width) * LINE - 2 * GAP
    inside = panels.content(panel, sources, (width, height))
    return (
        f'<section style="{where}"><h3>{escape(panel.title)}{_limits(panel)}</h3>'
        f"<p>{escape(panel.description)}</p><div>{inside}</div></section>"
    )


def _lines(text: str, width: int) -> int:
    return 1 + int(len(text) / (width * LETTERS_PER_PIXEL))


def _limits(panel: Panel) -> str:
    thresholds: Thresholds = panel.field_config.defaults.thresholds
    unit = panel.field_config.defaults.unit
    marks = [
        f'<i style="color:{colours.NAMED[step.color]}">●</i>{escape(written(step.value, unit))}'
        for step in thresholds.steps
        if step.value is not None
    ]
    return f"<small>{' '.join(marks)}</small>" if marks else ""
