"""Pages, loops and searches: what the scenarios leave out."""

import pytest

from pipeline.events.event import Event
from tests.unit.journeys.samples import START, event, found


def views(*pages: tuple[int, str]) -> list[Event]:
    return [event("web.page_viewed", time, url=url, key=f"{url}{time}") for time, url in pages]


def test_a_page_without_status_is_no_friction() -> None:
    assert not found("broken_link", [event("web.page_viewed", url="/"), event("web.page_viewed", 1, status="404")])


@pytest.mark.parametrize(
    ("pages", "loops"),
    [
        (((0, "/a"), (1, "/b"), (2, "/c"), (3, "/a"), (4, "/b")), 0),
        (((0, "/a"), (1, "/b"), (2, "/a"), (3, "/b"), (4, "/c"), (5, "/d"), (6, "/c"), (7, "/d")), 2),
    ],
)
def test_looping(pages: tuple[tuple[int, str], ...], loops: int) -> None:
    assert len(found("looping", views(*pages))) == loops


def searches(*times: int, results: int = 5) -> list[Event]:
    return [event("web.searched", time, {"query": "x", "results": results}, key=f"s{time}") for time in times]


def test_a_run_of_searches_stays_one_friction_while_it_grows() -> None:
    short, long = found("fruitless_search", searches(0, 1, 2)), found("fruitless_search", searches(0, 1, 2, 3))
    assert [one.friction_id for one in short] == [one.friction_id for one in long]
    assert long[0].time == START + 2


def test_it_stays_the_same_when_a_later_search_of_the_run_finds_nothing() -> None:
    short, long = searches(0, 1, 2), [*searches(0, 1, 2), *searches(3, results=0)]
    (before,), (after,) = found("fruitless_search", short), found("fruitless_search", long)
    assert (after.friction_id, after.time, len(after.evidence)) == (before.friction_id, before.time, 4)


def test_a_product_view_makes_searches_fruitful() -> None:
    viewed = event("web.product_viewed", 2, product_id="p")
    assert not found("fruitless_search", [*searches(0, 1), viewed, *searches(3)])
    assert found("fruitless_search", [*searches(0, 1, 2), event("web.product_viewed", 3, product_id="p")])
