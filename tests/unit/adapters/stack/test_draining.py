"""Draining with a client of the broker that fails in its ways."""

import threading
from collections.abc import Callable, Sequence

import pytest

from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.settle import Lag, SettleTimeoutError
from pipeline.adapters.stack import draining
from pipeline.adapters.stack.draining import drain
from pipeline.adapters.stack.notice import Notice

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
    assert left == "the broker did not tell within 0 s; behind: 1,234 messages of touchline.mail"
    assert said[0].text == "draining: 1,234 messages of touchline.mail"
    released.set()


async def test_a_broker_that_does_not_answer_at_first_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "RECONNECT_SECONDS", 0.01)
    asked: list[float] = []

    def answers_late(servers: Sequence[str], group: str, seconds: float, progress: Progress) -> None:
        asked.append(seconds)
        if len(asked) < 3:
            raise BrokerUnavailableError("busy")

    assert await drain("127.0.0.1:1", "touchline", 20, print, answers_late) == ""
    assert len(asked) == 3
    assert asked == sorted(asked, reverse=True)


async def test_a_broker_that_never_answers_is_named_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "RECONNECT_SECONDS", 0.01)

    def never(servers: Sequence[str], group: str, seconds: float, progress: Progress) -> None:
        raise BrokerUnavailableError("nobody listens")

    assert await drain("127.0.0.1:1", "touchline", 0.1, print, never) == "nobody listens"


async def test_what_lags_in_the_end_is_told_with_the_whole_time() -> None:
    def behind(servers: Sequence[str], group: str, seconds: float, progress: Progress) -> None:
        raise SettleTimeoutError(seconds, LAGS[1:])

    left = await drain("127.0.0.1:1", "touchline", 20, print, behind)
    assert left == "not settled within 20 s; behind: 34 messages of touchline.mail"
