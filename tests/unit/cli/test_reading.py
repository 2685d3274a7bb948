"""Reading from ClickHouse: as whom, and how refusals are told."""

import pytest

from pipeline.cli.reading import _first_line, as_analyst
from pipeline.stitching.store import StoreRejectedError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://default:@127.0.0.1:8123/touchline", "http://analyst:@127.0.0.1:8123/touchline"),
        ("http://127.0.0.1:8123/touchline", "http://analyst:@127.0.0.1:8123/touchline"),
    ],
)
def test_the_embedded_endpoint_is_read_as_the_analyst(url: str, expected: str) -> None:
    assert as_analyst(url) == expected


def test_the_client_s_wrapping_is_taken_off() -> None:
    wrapped = (
        "Received ClickHouse exception, code: 60, server response: Code: 60. DB::Exception: Unknown table (x)"
        " (for url http://127.0.0.1:8123)\nmore"
    )
    assert _first_line(StoreRejectedError(wrapped)) == "Code: 60. DB::Exception: Unknown table (x)"
