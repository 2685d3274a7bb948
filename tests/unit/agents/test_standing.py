import logging

import pytest

from agents.outage import Outage
from agents.standing import INTERVAL_SECONDS, tell_once
from pipeline.adapters.clickhouse.standing import Standing
from pipeline.adapters.metrics import Metrics
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError

CATALOGUE = {"web.order_placed": Touchpoint("web.order_placed", "checkout", "buy", "", "web", "sales")}
FOUND = Standing({"buy": 3}, {("checkout", "EUR"): 10.0, ("secret cellar", "EUR"): 2.0, ("checkout", "??"): 1.0})


def unknown() -> Outage:
    return Outage(logging.getLogger("test"), begins="not known", ends="known again", clock=lambda: 0.0)


def shown(metrics: Metrics, **labels: str) -> float | None:
    return metrics.registry.get_sample_value("touchline_order_value_at_risk", labels)


async def test_one_worker_shows_what_stands_open_with_bounded_labels() -> None:
    metrics = Metrics(CATALOGUE, [])
    assert await tell_once(lambda: FOUND, lambda: True, metrics, unknown()) >= INTERVAL_SECONDS
    assert metrics.registry.get_sample_value("touchline_open_journeys", {"stage": "buy"}) == 3
    assert shown(metrics, touchpoint="checkout", currency="EUR") == 10
    assert shown(metrics, touchpoint="other", currency="EUR") == 2
    assert shown(metrics, touchpoint="checkout", currency="other") == 1


async def test_what_another_worker_tells_now_is_no_longer_shown() -> None:
    metrics = Metrics(CATALOGUE, [])
    await tell_once(lambda: FOUND, lambda: True, metrics, unknown())
    await tell_once(lambda: FOUND, lambda: False, metrics, unknown())
    assert shown(metrics, touchpoint="checkout", currency="EUR") is None


async def test_an_answer_that_comes_after_another_worker_took_over_is_not_shown() -> None:
    metrics, turns = Metrics(CATALOGUE, []), iter([True, False])
    await tell_once(lambda: FOUND, lambda: next(turns), metrics, unknown())
    assert shown(metrics, touchpoint="checkout", currency="EUR") is None


@pytest.mark.parametrize("error", [StoreUnavailableError("away"), StoreRejectedError("away")])
async def test_an_outage_is_waited_for_and_told_once(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    def away() -> Standing:
        raise error

    metrics, outage = Metrics(CATALOGUE, []), unknown()
    for ask in (away, away, lambda: FOUND):
        assert await tell_once(ask, lambda: True, metrics, outage) >= INTERVAL_SECONDS
    assert [record.getMessage() for record in caplog.records] == ["not known: away", "known again, after 0 s"]
