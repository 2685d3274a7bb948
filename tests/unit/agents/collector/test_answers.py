"""Answers say what was taken, what was not, and what to do."""

import orjson
from aiohttp import web

from agents.collector.answers import AGAIN, FORMS, SHOWN, outcome, problem
from pipeline.collecting.fault import Fault, Kind
from pipeline.collecting.sorting import Refused


def content(answer: web.Response) -> dict[str, object]:
    assert isinstance(answer.body, bytes)
    document = orjson.loads(answer.body)
    assert isinstance(document, dict)
    return document


def test_every_kind_of_problem_has_a_form() -> None:
    assert FORMS.keys() == set(Kind)
    assert all(400 <= form.status < 600 and form.title for form in FORMS.values())


def test_a_problem_document_keeps_to_the_standard() -> None:
    answer = problem(Fault(Kind.TOO_LARGE, "send less"))
    assert (answer.status, answer.content_type) == (413, "application/problem+json")
    document = content(answer)
    assert (document["type"], document["status"]) == ("urn:touchline:problem:too-large", 413)
    assert document["detail"] == "send less"
    assert (document["code"], document["message"]) == ("too-large", "send less"), "what Segment's libraries show"


def test_what_is_to_be_sent_again_says_when() -> None:
    for kind in Kind:
        assert ("Retry-After" in problem(Fault(kind, "")).headers) == (kind in AGAIN)


def test_all_taken() -> None:
    answer = outcome(2, [], [], {"accepted": 2}, 202)
    assert (answer.status, content(answer)) == (202, {"accepted": 2})


def test_some_refused() -> None:
    answer = outcome(2, [Refused(1, "type", "is missing")], [], {}, 202)
    document = content(answer)
    assert (answer.status, document["accepted"], document["refused_count"]) == (400, 2, 1)
    assert document["refused"] == [{"index": 1, "field": "type", "detail": "is missing"}]
    assert str(document["detail"]).startswith("1 of 3 events were refused, the others are taken. ")
    assert "Event 1: type: is missing" in str(document["detail"])


def test_of_others_nothing_is_said_where_there_are_none() -> None:
    document = content(outcome(0, [Refused(0, "type", "is missing")], [], {}, 202))
    assert str(document["detail"]).startswith("1 of 1 events were refused. Mend these")


def test_some_not_acknowledged_are_to_be_sent_again() -> None:
    answer = outcome(1, [Refused(2, "", "no")], [0, 3], {}, 202)
    document = content(answer)
    assert (answer.status, document["unacknowledged"], document["refused_count"]) == (503, [0, 3], 1)
    assert "Retry-After" in answer.headers


def test_a_long_list_is_cut_and_counted() -> None:
    document = content(outcome(0, [Refused(index, "", "no") for index in range(1_000)], [], {}, 202))
    refused = document["refused"]
    assert isinstance(refused, list)
    assert (len(refused), document["refused_count"]) == (SHOWN, 1_000)
