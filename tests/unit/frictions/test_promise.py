"""Reading delivery promises."""

import pytest

from pipeline.frictions.promise import promised_until
from tests.unit.journeys.samples import DAY, HOUR, START


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01", START + DAY - 1),
        ("2026-03-01T00:00:00Z", START),
        ("2026-03-01T01:00:00+01:00", START),
        ("2026-03-01T12:00:00.5Z", START + 12 * HOUR + 500),
        ("2026-03-01T12:00:00", START + 12 * HOUR),
        ("1969-12-31", -1),
        ("9999-12-31", 253_402_300_799_999),
        ("2026-02-30", None),
        ("tomorrow", None),
        ("", None),
        (None, None),
    ],
)
def test_promised_until(text: str | None, moment: int | None) -> None:
    assert promised_until(text) == moment
