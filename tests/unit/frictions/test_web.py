"""Pages, loops, forms and searches."""

import pytest

from pipeline.events.event import Event
from tests.unit.journeys.samples import MINUTE, SECOND, START, event, found


def views(*pages: tuple[int, str]) -> list[Event]:
    return [event("web.page_viewed", time, url=url, key=f"{url}{time}") for time, url in pages]


@pytest.mark.parametrize(
    ("status", "kind", "severity"),
    [(200, None, 0), (399, None, 0), (400, "broken_link", 2), (499, "broken_link", 2), (500, "server_error", 3)],
)
def test_page_status(status: int, kind: str | None, severity: int) -> None:
    page = event("web.page_viewed", url="/", status=status)
    frictions = [*found("broken_link", [page]), *found("server_error", [page])]
    assert [(one.kind, one.severity) for one in frictions] == ([(kind, severity)] if kind else [])


def test_a_page_without_status_is_no_friction() -> None:
    assert not found("broken_link", [event("web.page_viewed", url="/"), event("web.page_viewed", 1, status="404")])


@pytest.mark.parametrize(
    ("measured", "severity"),
    [
        ({"lcp_ms": 2500, "inp_ms": 200, "cls": 0.1}, None),
        ({"lcp_ms": 2501}, 1),
        ({"inp_ms": 201}, 1),
        ({"cls": 0.11}, 1),
        ({"lcp_ms": 4000, "inp_ms": 500, "cls": 0.25}, 1),
        ({"lcp_ms": 4001}, 2),
        ({"inp_ms": 501}, 2),
        ({"cls": 0.26, "lcp_ms": 1}, 2),
        ({}, None),
    ],
)
def test_slow_page(measured: dict[str, float], severity: int | None) -> None:
    frictions = found("slow_page", [event("web.page_measured", 0, measured, url="/")])
    assert [one.severity for one in frictions] == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("pages", "loops"),
    [
        (((0, "/a"), (1, "/b"), (2, "/a"), (60 * SECOND, "/b")), 1),
        (((0, "/a"), (1, "/b"), (2, "/a"), (60 * SECOND + 1, "/b")), 0),
        (((0, "/a"), (1, "/b"), (2, "/a")), 0),
        (((0, "/a"), (1, "/b"), (2, "/c"), (3, "/a"), (4, "/b")), 0),
        (((0, "/a"), (1, "/a"), (2, "/a"), (3, "/a")), 0),
        (((0, "/a"), (1, "/b"), (2, "/a"), (3, "/b"), (4, "/a"), (5, "/b")), 1),
        (((0, "/a"), (1, "/b"), (2, "/a"), (3, "/b"), (4, "/c"), (5, "/d"), (6, "/c"), (7, "/d")), 2),
    ],
)
def test_looping(pages: tuple[tuple[int, str], ...], loops: int) -> None:
    assert len(found("looping", views(*pages))) == loops


def test_a_loop_happens_at_its_fourth_page() -> None:
    loop = found("looping", views((0, "/a"), (1, "/b"), (2, "/a"), (3, "/b"), (4, "/a")))[0]
    shorter = found("looping", views((0, "/a"), (1, "/b"), (2, "/a"), (3, "/b")))[0]
    assert loop.friction_id == shorter.friction_id
    assert (loop.time, loop.severity, loop.evidence) == (START + 3, 1, ("/a0", "/b1", "/a2", "/b3", "/a4"))


def forms(*times: int, form: str = "address", accepted: bool = False) -> list[Event]:
    said = {"form": form, "accepted": accepted}
    return [event("web.form_submitted", time, said, key=f"{form}{time}") for time in times]


def test_form_struggle_counts_rejections_of_one_form_in_a_session() -> None:
    assert not found("form_struggle", forms(0, 1))
    assert found("form_struggle", forms(0, 1, 2))[0].time == START + 2
    assert not found("form_struggle", [*forms(0, 1), *forms(2, form="card")])
    assert not found("form_struggle", [*forms(0, 1), *forms(2, accepted=True)])
    assert found("form_struggle", forms(0, 30 * MINUTE, 60 * MINUTE))
    assert not found("form_struggle", forms(0, 1, 30 * MINUTE + 2))


def searches(*times: int, results: int = 5) -> list[Event]:
    return [event("web.searched", time, {"query": "x", "results": results}, key=f"s{time}") for time in times]


def test_a_search_without_results_is_fruitless() -> None:
    assert [one.evidence for one in found("fruitless_search", [*searches(0, results=0), *searches(1)])] == [("s0",)]


@pytest.mark.parametrize(("last", "runs"), [(2 * MINUTE, 1), (2 * MINUTE + 1, 0)])
def test_three_searches_within_two_minutes_are_fruitless(last: int, runs: int) -> None:
    assert len(found("fruitless_search", searches(0, 1, last))) == runs


def test_a_run_of_searches_stays_one_friction_while_it_grows() -> None:
    short, long = found("fruitless_search", searches(0, 1, 2)), found("fruitless_search", searches(0, 1, 2, 3))
    assert [one.friction_id for one in short] == [one.friction_id for one in long]
    assert long[0].time == START + 2


def test_a_product_view_makes_searches_fruitful() -> None:
    viewed = event("web.product_viewed", 2, product_id="p")
    assert not found("fruitless_search", [*searches(0, 1), viewed, *searches(3)])
    assert found("fruitless_search", [*searches(0, 1, 2), event("web.product_viewed", 3, product_id="p")])


def test_a_fruitless_search_in_a_run_stays_the_friction_it_was() -> None:
    empty = searches(1, results=0)
    before = found("fruitless_search", [*searches(0), *empty])
    after = found("fruitless_search", [*searches(0), *empty, *searches(2)])
    assert [one.friction_id for one in after] == [one.friction_id for one in before]
    assert (after[0].time, after[0].evidence) == (START + 1, ("s0", "s1", "s2"))
