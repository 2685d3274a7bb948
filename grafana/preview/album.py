"""Draws all dashboards, as pictures or as HTML pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from grafana.preview import picture
from grafana.preview.answers import Sources
from grafana.preview.dashboard import DASHBOARDS, load
from grafana.preview.page import draw


class Taken(NamedTuple):
    """A dashboard that was drawn."""

    name: str
    empty: list[str]
    """Titles of the panels without data."""
    picture: bool
    """Whether it is a picture; without a browser it is an HTML page."""


def take_all(sources: Sources, to: Path, caption: str = "", names: tuple[str, ...] = ()) -> Iterator[Taken]:
    """Draw dashboards one by one, as PNG or, without a browser, as HTML; `names`: only these files, all if empty."""
    to.mkdir(parents=True, exist_ok=True)
    program = picture.browser()
    for path in sorted(DASHBOARDS.glob("*.json")):
        if names and path.stem not in names:
            continue
        page = draw(load(path), sources, caption)
        if program is None:
            (to / f"{path.stem}.html").write_text(page.html, encoding="utf-8")
        else:
            picture.take(page, program, to / f"{path.stem}.png")
        yield Taken(path.stem, page.empty, program is not None)
