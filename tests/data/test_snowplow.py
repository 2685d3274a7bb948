"""Snowplow's own answer to its edge cases against ours, case by case."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from pipeline.events.event import Event
from pipeline.importing.row import Json
from tests.data.exports import body, directory, identifiers, mapped, rows
from tests.offline import accept, stitch

pytestmark = pytest.mark.data

NOW = 1_772_323_200_000
Rows = list[dict[str, str]]

LAST_SIGN_IN_WINS = "user stitch - session: 2nd id: 10"
"""What every session of the cookie with ten sign-ins must become in Snowplow's answer."""


@pytest.fixture(scope="module")
def folder() -> Path:
    return directory("snowplow_web")


@pytest.fixture(scope="module")
def tracked(folder: Path) -> Rows:
    return list(rows(folder / "snowplow_web_events.csv"))


@pytest.fixture(scope="module")
def sessions(folder: Path) -> Rows:
    return list(rows(folder / "snowplow_web_sessions_expected.csv"))


@pytest.fixture(scope="module")
def events(folder: Path) -> list[dict[str, Json]]:
    return mapped("snowplow_web", [folder / "snowplow_web_events.csv"])


def customers_by_session(accepted: list[Event], tracked: Rows) -> dict[str, set[str]]:
    """The customers that a session's events belong to, by Snowplow's session id."""
    session_of = {row["event_id"]: row["domain_sessionid"] for row in tracked}
    found: dict[str, set[str]] = defaultdict(set)
    for customer, held in stitch(accepted).items():
        for event in held:
            found[session_of[event.id]].add(customer)
    return found


def anonymous_but_for_the_last(events: list[dict[str, Json]], tracked: Rows) -> list[dict[str, Json]]:
    """The same events as if each cookie had signed in at its last event only."""
    collected = {row["event_id"]: row["collector_tstamp"] for row in tracked}
    last: dict[str, str] = {}
    for event in sorted(events, key=lambda event: (collected[str(event["id"])], str(event["time"]))):
        last[str(identifiers(event).get("anonymous_id"))] = str(event["id"])
    kept = []
    for event in events:
        cookie = identifiers(event).get("anonymous_id")
        if cookie is None or event["id"] == last[str(cookie)]:
            kept.append(event)
        else:
            data: dict[str, Json] = {**body(event), "identifiers": {"anonymous_id": cookie}}
            kept.append({**event, "data": data})
    return kept


def test_page_views_and_clicks_are_mapped(events: list[dict[str, Json]], tracked: Rows) -> None:
    names = Counter(row["event_name"] for row in tracked)
    assert Counter(event["type"] for event in events) == {
        "web.page_viewed": names["page_view"],
        "web.clicked": names["link_click"] + names["object_click"],
    }
    by_id = {(row["event_id"], row["derived_tstamp"].replace(" ", "T") + "Z"): row for row in tracked}
    for event in events:
        row = by_id[str(event["id"]), str(event["time"])]
        assert identifiers(event).get("anonymous_id", "") == row["domain_userid"]
        assert identifiers(event)["customer_id"] == row["user_id"]
        assert body(event)["url"] == row["page_url"]


def test_where_a_cookie_signs_in_at_last_the_answers_are_the_same(
    events: list[dict[str, Json]], tracked: Rows, sessions: Rows
) -> None:
    """The case both rules are made for: what an anonymous visitor did belongs to who signs in afterwards."""
    accepted = accept(anonymous_but_for_the_last(events, tracked), NOW)
    ours = customers_by_session(accepted, tracked)
    compared = 0
    for session in sessions:
        if session["domain_userid"] and session["domain_sessionid"] in ours:
            assert ours[session["domain_sessionid"]] == {f"customer_id:{session['stitched_user_id']}"}
            compared += 1
    # left out: the session without a cookie, and three of nothing but a heartbeat
    assert compared == len(sessions) - 4


def test_sessions_of_one_person_are_that_persons_in_both(
    events: list[dict[str, Json]], tracked: Rows, sessions: Rows
) -> None:
    ours = customers_by_session(accept(events, NOW), tracked)
    for session in sessions:
        found, theirs = ours.get(session["domain_sessionid"], set()), session["stitched_user_id"]
        if theirs not in ("", LAST_SIGN_IN_WINS) and found:
            assert found == {f"customer_id:{theirs}"}


def test_on_a_shared_cookie_the_last_sign_in_does_not_take_what_others_did_signed_in(
    events: list[dict[str, Json]], tracked: Rows, sessions: Rows
) -> None:
    """On purpose: theirs gives a whole cookie to its last user; ours leaves each event with who was signed in."""
    theirs = {
        session["domain_sessionid"]: session["user_id"]
        for session in sessions
        if session["stitched_user_id"] == LAST_SIGN_IN_WINS
    }
    assert sorted(theirs.values()) == ["user stitch - session: 1st id: 1", "user stitch - session: 2nd id: 3"]
    ours = customers_by_session(accept(events, NOW), tracked)
    for session_id in theirs:
        signed_in = {row["user_id"] for row in tracked if row["domain_sessionid"] == session_id}
        assert len(signed_in) > 1
        assert ours[session_id] == {f"customer_id:{user}" for user in signed_in}


def test_an_event_without_a_cookie_still_has_its_user(
    events: list[dict[str, Json]], tracked: Rows, sessions: Rows
) -> None:
    """On purpose: theirs maps cookies only and leaves it unstitched; ours takes the user id it carries."""
    (session,) = [session for session in sessions if not session["domain_userid"]]
    assert session["stitched_user_id"] == ""
    ours = customers_by_session(accept(events, NOW), tracked)
    assert ours[session["domain_sessionid"]] == {"customer_id:NULL domain_userid"}


def test_a_cookie_that_rotates_stays_one_customer(events: list[dict[str, Json]], tracked: Rows, sessions: Rows) -> None:
    name = "Rotating domain_userid per session"
    cookies = {row["domain_userid"] for row in tracked if row["user_id"] == name}
    assert len(cookies) > 1
    held = stitch(accept(events, NOW))[f"customer_id:{name}"]
    assert {identifier for event in held for identifier in event.identifiers[1:]} == {
        f"anonymous_id:{cookie}" for cookie in cookies
    }


def test_doubled_events_count_once(events: list[dict[str, Json]], tracked: Rows) -> None:
    doubled = [name for name, count in Counter(str(event["id"]) for event in events).items() if count > 1]
    assert len(doubled) == 2
    held = [event.id for held in stitch(accept(events, NOW)).values() for event in held]
    assert len(held) == len(set(held)) == len(events) - 2


def test_page_views_per_session(events: list[dict[str, Json]], tracked: Rows, sessions: Rows) -> None:
    session_of = {row["event_id"]: row["domain_sessionid"] for row in tracked}
    ours = Counter(
        session_of[event.id]
        for held in stitch(accept(events, NOW)).values()
        for event in held
        if event.type == "web.page_viewed"
    )
    different = {
        (session["user_id"], session["start_tstamp"][:10]): (
            int(session["page_views"]),
            ours[session["domain_sessionid"]],
        )
        for session in sessions
        if int(session["page_views"]) != ours[session["domain_sessionid"]]
    }
    assert different == {
        # theirs cuts a session off after three days; what happened later stays with us
        ("long session", "2021-03-01"): (2, 4),
        # two events share one page view id, which is no identity of an event to us
        ("dupe: page_view_id different derived_tstamp", "2021-03-02"): (7, 8),
        ("Unexpired session", "2020-07-03"): (1, 2),
        # sessions of nothing but a heartbeat: theirs counts it as a page view
        ("No edge cases", "2021-03-02"): (1, 0),
        ("No edge cases", "2021-03-04"): (1, 0),
        ("stray page ping", "2021-03-03"): (1, 0),
    }
