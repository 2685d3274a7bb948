"""Reading delivery promises."""

import pytest

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
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
        ("2026-03-01t12:00:00z", START + 12 * HOUR),
        ("2026-03-01t13:00:00+01:00", START + 12 * HOUR),
        ("2026-03-01T23:59:60z", START + DAY),
        ("1969-12-31", -1),
        ("9999-12-31", 253_402_300_799_999),
        ("2026-02-30", None),
        ("2026-03-01T25:00:00Z", None),
        ("tomorrow", None),
        ("", None),
        (None, None),
    ],
)
def test_promised_until(text: str | None, moment: int | None) -> None:
    assert promised_until(text) == moment


@pytest.mark.parametrize("text", ["2026-03-04t10:00:00z", "2026-03-04T10:00:00.5+01:00", "2026-03-04"])
def test_what_the_schemas_take_is_read(text: str) -> None:
    changed = {"identifiers": {"order_id": "o1"}, "promised_at": text}
    assert Catalogue.load(schema_directories()).validate("delivery.promise_changed", changed) is None
    assert promised_until(text) is not None
