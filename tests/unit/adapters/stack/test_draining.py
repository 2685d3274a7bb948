"""Draining with a client of the broker that fails in its ways."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.settle import Lag, SettleTimeoutError
from pipeline.adapters.stack import draining
from pipeline.adapters.stack.draining import drain
from pipeline.adapters.stack.notice import Notice
from pipeline.adapters.stack.ports import free_port

LAGS = [Lag("touchline.mail", 0, 1_200), Lag("touchline.mail", 3, 34)]

Progress = Callable[[Sequence[Lag]], None]


async def test_a_client_that_hangs_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(draining, "REPORT_SECONDS", 0.05)
    released = threading.Event()
    said: list[Notice] = []

    def hangs(servers: Sequence[str], group: str, seconds: float, progress: Progress) -> None:
        progress(LAGS)
        released.wait(20)

    left = await drain("127.0.0.1:1", "touchline", 0.3, said.append, hangs)
    assert left == "the broker did not answer within 0 s; behind: 1,234 messages of touchline.mail"
    assert said[0].text == "draining: 1,234 messages of touchline.mail"
    released.set()


async def test_a_broker_that_never_answers_is_named_in_the_end() -> None:
    def never(servers: Sequence[str], group: str, seconds: float, progress: Progress) -> None:
        raise BrokerUnavailableError("nobody listens")

    assert await drain("127.0.0.1:1", "touchline", 0.1, print, never) == "nobody listens"


async def test_a_broker_that_does_not_answer_is_asked_for_as_long_as_there_is_time() -> None:
    began = time.monotonic()
    assert "does not answer" in await drain(f"127.0.0.1:{free_port()}", "touchline", 1, print)
    assert time.monotonic() - began >= 1


async def test_what_lags_in_the_end_is_told_with_the_whole_time() -> None:
    def behind(servers: Sequence[str], group: str, seconds: float, progress: Progress) -> None:
        raise SettleTimeoutError(seconds, LAGS[1:])

    left = await drain("127.0.0.1:1", "touchline", 20, print, behind)
    assert left == "not settled within 20 s; behind: 34 messages of touchline.mail"
