from datetime import UTC

import pytest

from pipeline.importing.times import Moments, format_has_year, format_is_usable, zone


def moments(*formats: str, timezone: str = "UTC") -> Moments:
    local = zone(timezone)
    assert local is not None
    return Moments(formats, local)


@pytest.mark.parametrize(
    ("form", "text", "timezone", "utc"),
    [
        ("iso", "2018-01-14 14:33:31", "America/Sao_Paulo", "2018-01-14T16:33:31.000Z"),
        ("iso", "2018-07-04 12:08:27", "America/Sao_Paulo", "2018-07-04T15:08:27.000Z"),
        ("iso", "2018-07-04T12:08:27.1234+02:00", "America/Sao_Paulo", "2018-07-04T10:08:27.123Z"),
        ("%d/%m/%Y %H:%M", "29/2/2016 01:16", "UTC", "2016-02-29T01:16:00.000Z"),
        ("epoch", "1500000000.5", "Asia/Tokyo", "2017-07-14T02:40:00.500Z"),
        ("epoch_ms", "1500000000123", "UTC", "2017-07-14T02:40:00.123Z"),
        ("epoch_ms", "1500000000123.0", "UTC", "2017-07-14T02:40:00.123Z"),
        ("iso", "1969-12-31", "UTC", "1969-12-31T00:00:00.000Z"),
    ],
)
def test_formats(form: str, text: str, timezone: str, utc: str) -> None:
    assert moments(form, timezone=timezone).rfc3339(text) == utc


def test_a_local_time_that_happens_twice_is_the_first() -> None:
    assert moments("iso", timezone="Europe/Berlin").rfc3339("2024-10-27 02:30:00") == "2024-10-27T00:30:00.000Z"


def test_a_local_time_that_does_not_happen_is_read_with_the_offset_before() -> None:
    assert moments("iso", timezone="Europe/Berlin").rfc3339("2024-03-31 02:30:00") == "2024-03-31T01:30:00.000Z"


def test_the_first_format_that_fits_counts() -> None:
    both = moments("%d/%m/%Y", "%m/%d/%Y")
    assert both.date("02/01/2020") == "2020-01-02"
    assert both.date("01/13/2020") == "2020-01-13"


def test_a_date_is_the_one_that_is_written() -> None:
    assert moments("iso", timezone="America/Sao_Paulo").date("2018-02-05 23:59:00") == "2018-02-05"


@pytest.mark.parametrize("text", ["", "yesterday", "2020-13-01", "9" * 400, "0001-01-01T00:00:00+14:00", "-"])
def test_what_is_no_moment(text: str) -> None:
    assert moments("iso", "epoch", "epoch_ms", "%d/%m/%Y").rfc3339(text) is None


def test_an_unknown_zone() -> None:
    assert zone("America/Atlantis") is None
    assert zone("../etc/passwd") is None
    assert zone("UTC") is UTC


@pytest.mark.parametrize(
    ("pattern", "usable"),
    [("iso", True), ("%d.%m.%y", True), ("DD/MM", False), ("%Q", False), ("%H:%M %Z", False), ("%H:%M %%Z", True)],
)
def test_usable_formats(pattern: str, usable: bool) -> None:
    assert format_is_usable(pattern) is usable


@pytest.mark.parametrize(
    ("pattern", "has_year"),
    [("iso", True), ("epoch", True), ("%d.%m.%y", True), ("%G-W%V-%u", True), ("%c", True), ("%d/%m %H:%M", False)],
)
def test_formats_with_a_year(pattern: str, has_year: bool) -> None:
    assert format_has_year(pattern) is has_year
