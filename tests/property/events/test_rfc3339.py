"""Properties of times: read as the standard library reads them, and read wherever a schema accepts them."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from pipeline.events.rfc3339 import parse_rfc3339
from tests.unit.events.samples import catalogue

OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.datetimes(timezones=OFFSETS))
def test_every_moment_of_the_calendar_is_read(moment: datetime) -> None:
    assert parse_rfc3339(moment.isoformat()) == (moment - EPOCH) // timedelta(milliseconds=1)


@given(st.text(), st.text("0123456789-:.TZtz+ ", max_size=30))
def test_no_text_is_an_error(anything: str, similar: str) -> None:
    for text in (anything, similar):
        assert parse_rfc3339(text) is None or len(text) >= len("2026-03-01T10:00:00Z")


@given(
    st.from_regex(r"\A(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]\Z")
    | st.from_regex(r"\A20[0-9]{2}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\.[0-9]{1,9})?[Zz+]\Z")
    | st.from_regex(r"\A20[0-9]{2}-0[0-9]-[0-2][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9][+-][0-2][0-9]:[0-9]{2}\Z")
)
def test_whatever_a_schema_accepts_as_a_promise_can_be_read(text: str) -> None:
    data = {"identifiers": {"parcel_id": "1"}, "promised_at": text}
    if catalogue().validate("delivery.promise_changed", data) is None:
        assert parse_rfc3339(text) is not None or date.fromisoformat(text).year >= 1900
