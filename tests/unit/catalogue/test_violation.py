"""What is said about data that do not match their schema."""

import pytest

from tests.unit.events.samples import catalogue

PROMISE = "must be an RFC 3339 time with offset, e.g. 2026-03-01T10:00:00Z or a date, e.g. 2026-03-04"
ORDER = {"identifiers": {"order_id": "1"}, "amount": 1, "currency": "EUR"}


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"amount": "1"}, "amount", "must be a number"),
        ({"amount": -1}, "amount", "must be 0 or more"),
        ({"amount": 1e13}, "amount", "must be 1000000000000 or less"),
        ({"currency": "Euro"}, "currency", "must match the pattern ^[A-Z]{3}$"),
        ({"channel": "fax"}, "channel", "must be one of: web, app"),
        ({"promised_at": "tomorrow"}, "promised_at", PROMISE),
        ({"promised_at": "0001-01-01"}, "promised_at", "must match the pattern ^(19|20)[0-9]{2}-"),
        ({"items": [{"product_id": "a"}, {}]}, "items[1].product_id", "is required"),
        ({"items": [{"product_id": "a", "quantity": "1"}]}, "items[0].quantity", "must be a number"),
        ({"identifiers": {"email": "a@b"}}, "identifiers.order_id", "is required"),
        ({"identifiers": {"order_id": ["1"]}}, "identifiers.order_id", "must be null or an integer or a string"),
    ],
)
def test_a_violation_names_the_field_and_what_was_expected(changes: dict[str, object], path: str, message: str) -> None:
    violation = catalogue().validate("web.order_placed", {**ORDER, **changes})
    assert violation is not None
    assert violation.path == path
    assert message in violation.message


def test_no_message_holds_what_was_sent() -> None:
    loaded = catalogue()
    for field in ("amount", "currency", "channel", "promised_at", "items", "identifiers", "probe", "recipient"):
        violation = loaded.validate("web.order_placed", {**ORDER, field: {"ada@example.com": "ada@example.com"}})
        assert violation is None or "ada" not in violation.message


def test_a_huge_array_of_wrong_elements_is_judged_at_its_first() -> None:
    items = [{"product_id": 1}] * 9_999
    violation = catalogue().validate("web.cart_updated", {"identifiers": {}, "items": items})
    assert violation is not None
    assert len(violation.message) < 100
