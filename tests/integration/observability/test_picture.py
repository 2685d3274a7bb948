"""A page as a picture, by a real browser."""

import io
from pathlib import Path

import pytest
from PIL import Image

from grafana.preview import picture
from grafana.preview.answers import Series, Table
from grafana.preview.dashboard import DASHBOARDS, load
from grafana.preview.page import WIDTH, draw
from tests.unit.grafana.canned import Canned

pytestmark = pytest.mark.skipif(picture.browser() is None, reason="chromium is not installed")


def test_the_picture_shows_the_whole_page_in_few_bytes(tmp_path: Path) -> None:
    line = Series({"le": "60", "kind": "late_delivery"}, (0.0, 3600.0, 7200.0), (1, 3, 2))
    page = draw(load(DASHBOARDS / "store.json"), Canned([line], Table(("what", "times"), [("queue", 3)])))
    program = picture.browser()
    assert program is not None
    picture.take(page, program, tmp_path / "store.png")
    taken = (tmp_path / "store.png").read_bytes()
    assert len(taken) < 200_000
    with Image.open(io.BytesIO(taken)) as image:
        assert image.size == (WIDTH, page.height)
        data = image.convert("RGB").tobytes()
    seen = set(zip(data[0::3], data[1::3], data[2::3], strict=True))
    assert len(seen) > 10
    assert _near((0x11, 0x12, 0x17), seen)  # the page
    assert _near((0xFF, 0x98, 0x30), seen)  # what says that this is not Grafana


def _near(wanted: tuple[int, int, int], seen: set[tuple[int, int, int]]) -> bool:
    return any(sum(abs(a - b) for a, b in zip(wanted, colour, strict=True)) < 40 for colour in seen)
