"""The content modes of the HTTP protocol binding."""

import orjson
import pytest

from pipeline.collecting.cloud_events import read_events
from pipeline.collecting.fault import Fault, Kind
from pipeline.events.intake_policy import IntakePolicy

EVENT = {"specversion": "1.0", "id": "1", "source": "/s", "type": "web.clicked", "data": {"target": "a"}}
ONE, TWO = orjson.dumps(EVENT), orjson.dumps([EVENT, EVENT])
POLICY = IntakePolicy()


def read(content_type: str, body: bytes, **headers: str) -> list[object] | Fault:
    named = {f"ce-{name}": value for name, value in headers.items()}
    return read_events({"content-type": content_type, **named}, body, POLICY)


def fault(content_type: str, body: bytes, **headers: str) -> Fault:
    found = read(content_type, body, **headers)
    assert isinstance(found, Fault), found
    return found


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain", "Text/Plain;charset=UTF-8", "application/json; charset=utf-8"],
)
def test_plain_json_is_one_event_or_an_array(content_type: str) -> None:
    assert read(content_type, ONE) == [EVENT]
    assert read(content_type, TWO) == [EVENT, EVENT]
    assert read(content_type, b"[]") == []


def test_structured_mode_holds_one_event() -> None:
    assert read("application/cloudevents+json; charset=UTF-8", ONE) == [EVENT]
    assert fault("application/cloudevents+json", TWO).kind is Kind.NOT_EVENTS


def test_batched_mode_holds_an_array() -> None:
    assert read("application/cloudevents-batch+json", TWO) == [EVENT, EVENT]
    assert fault("application/cloudevents-batch+json", ONE).kind is Kind.NOT_EVENTS


def test_binary_mode_has_attributes_in_headers_and_data_in_the_body() -> None:
    headers = {"specversion": "1.0", "id": "1", "source": "/s", "type": "web.clicked"}
    assert read("application/json", b'{"target": "a"}', **headers) == [EVENT]


def test_binary_mode_takes_data_that_is_an_array_for_data() -> None:
    assert read("application/json", b"[1, 2]", id="1") == [{"id": "1", "data": [1, 2]}]


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ('"quoted \\"value\\""', 'quoted "value"'),
        ("%zz", "%zz"),
        ("", ""),
    ],
)
def test_values_of_attributes_are_decoded(sent: str, meant: str) -> None:
    assert read("application/json", b"{}", subject=sent) == [{"subject": meant, "data": {}}]


def test_bytes_that_are_no_utf8_in_a_header_can_be_written_again() -> None:
    assert read("application/json", b"{}", subject="\udce9") == [{"subject": "�", "data": {}}]


def test_structured_mode_wins_over_attributes_in_headers() -> None:
    assert read("application/cloudevents+json", ONE, type="other") == [EVENT]


def test_data_that_is_not_json_is_refused_in_binary_mode() -> None:
    assert fault("application/xml", b"<a/>", id="1").kind is Kind.MEDIA_TYPE


@pytest.mark.parametrize("content_type", ["", "application/xml", "application/cloudevents+avro", "multipart/form-data"])
def test_other_media_types_are_refused(content_type: str) -> None:
    refused = fault(content_type, ONE)
    assert refused.kind is Kind.MEDIA_TYPE
    assert "application/json" in refused.detail


def test_what_curl_sends_unless_told_otherwise_is_explained() -> None:
    assert "-H 'Content-Type: application/json'" in fault("application/x-www-form-urlencoded", ONE).detail


def test_another_charset_is_refused() -> None:
    assert fault("application/json; charset=latin-1", ONE).kind is Kind.MEDIA_TYPE


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"{} {}", b'{"a": NaN}'])
def test_what_is_not_json_says_where(body: bytes) -> None:
    refused = fault("application/json", body)
    assert refused.kind is Kind.NOT_JSON
    assert refused.detail.startswith("body: ")


def test_a_message_over_the_limits_of_the_intake_is_too_large() -> None:
    few = IntakePolicy(max_events_per_message=1)
    refused = read_events({"content-type": "application/json"}, TWO, few)
    assert isinstance(refused, Fault)
    assert refused.kind is Kind.TOO_LARGE
