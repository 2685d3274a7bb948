"""Frictions in the store."""

import pytest

from tests.unit.journeys.samples import event, found


@pytest.mark.parametrize(
    ("wait", "served", "severity"),
    [(300, True, None), (300.5, True, 1), (301, True, 1), (301, False, 3), (10, False, 3)],
)
def test_long_queue(wait: float, served: bool, severity: int | None) -> None:
    frictions = found("long_queue", [event("store.queue_left", wait_seconds=wait, served=served)])
    assert [one.severity for one in frictions] == ([] if severity is None else [severity])


def test_stockout() -> None:
    assert [one.severity for one in found("stockout", [event("store.item_unavailable", product_id="p")])] == [2]


@pytest.mark.parametrize("name", ["store.item_returned", "delivery.return_collected"])
def test_item_returned(name: str) -> None:
    assert [one.severity for one in found("item_returned", [event(name)])] == [1]
