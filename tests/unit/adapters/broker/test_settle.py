"""Settling over a simulated broker whose workers make mail of mail."""

from collections.abc import Mapping

import pytest

from pipeline.adapters.broker.position import Position
from pipeline.adapters.broker.settle import MAIL_GENERATIONS, Lag, SettleTimeoutError, Settling

MAIL = "mail"


class SimulatedPipeline:
    """A ledger with workers behind it: each `sleep` handles one message of every partition.

    A message is a number: how many generations of mail it still causes. Markers cause none.
    """

    def __init__(self, raw: Mapping[Position, list[int]], speed: int = 1, endless: bool = False) -> None:
        self.logs: dict[Position, list[int]] = {
            ("web", 0): [],
            ("web", 1): [],
            (MAIL, 0): [],
            (MAIL, 1): [],
            (MAIL, 2): [],
        }
        for position, messages in raw.items():
            self.logs[position] = list(messages)
        self.done = dict.fromkeys(self.logs, 0)
        self.now = 0.0
        self._speed = speed
        self._endless = endless

    def mark(self, topic: str) -> dict[int, int]:
        offsets = {}
        for (name, partition), log in self.logs.items():
            if name == topic:
                offsets[partition] = len(log)
                log.append(0)
        return offsets

    def committed(self) -> dict[Position, int]:
        return {position: done for position, done in self.done.items() if done}

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        for position, log in self.logs.items():
            for message in log[self.done[position] : self.done[position] + self._speed]:
                self.done[position] += 1
                if message:
                    self.logs[(MAIL, message % 3)].append(message - 1)
        if self._endless:
            self.logs[(MAIL, 0)].append(0)

    @property
    def unhandled(self) -> list[int]:
        """Messages that are not done and are no markers."""
        return [message for position, log in self.logs.items() for message in log[self.done[position] :] if message]

    def settling(self, timeout: float = 1_000.0) -> Settling:
        return Settling(self, timeout, clock=self.clock, sleep=self.sleep)


@pytest.mark.parametrize("generations", [0, 1, 2, 7, 30])
def test_everything_is_done_however_deep_the_mail_goes(generations: int) -> None:
    pipeline = SimulatedPipeline({("web", 0): [generations] * 5, ("web", 1): [1]})
    settled = pipeline.settling().run(["web"], MAIL)
    assert pipeline.unhandled == []
    assert settled.quiet
    assert settled.rounds >= 1


def test_without_anything_one_round_is_enough() -> None:
    settled = SimulatedPipeline({}, speed=5).settling().run(["web"], MAIL)
    assert (settled.rounds, settled.quiet) == (1, True)


def test_newer_events_do_not_hold_it_up_for_ever() -> None:
    pipeline = SimulatedPipeline({("web", 0): [20] * 3}, speed=3, endless=True)
    settled = pipeline.settling().run(["web"], MAIL)
    assert (settled.rounds, settled.quiet) == (MAIL_GENERATIONS, False)
    assert pipeline.unhandled == []


def test_a_timeout_says_what_lags_by_how_much() -> None:
    pipeline = SimulatedPipeline({("web", 0): [0] * 5, ("web", 1): []}, speed=0)
    with pytest.raises(SettleTimeoutError, match="not settled within 1 s; behind: web/0 by 6, web/1 by 1") as caught:
        pipeline.settling(timeout=1.0).run(["web"], MAIL)
    assert caught.value.lags == (Lag("web", 0, 6), Lag("web", 1, 1))


def test_progress_tells_what_is_left() -> None:
    pipeline = SimulatedPipeline({("web", 0): [0] * 3})
    seen: list[int] = []
    settling = Settling(
        pipeline, 100.0, lambda lags: seen.append(sum(lag.behind for lag in lags)), pipeline.clock, pipeline.sleep
    )
    settling.run(["web"], MAIL)
    assert seen[:4] == [5, 3, 2, 1]
