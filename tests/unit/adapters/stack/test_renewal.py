"""Ending a stack while its broker is renewed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from pipeline.adapters.stack import renewal
from pipeline.adapters.stack.broker import EmbeddedBroker
from pipeline.adapters.stack.notice import Level, Notice, Report
from pipeline.adapters.stack.renewal import RenewedBroker
from pipeline.adapters.stack.workers import Workers
from pipeline.settings.model import Embedded, Settings


class FakeKept:
    restarts = 0
    stopped = False

    async def stop(self, grace_seconds: float) -> None:
        self.stopped = True

    async def kill(self) -> None: ...


class FakeProcess:
    server = "127.0.0.1:1"
    resident_mebibytes = 100.0

    def __init__(self) -> None:
        self.kept = FakeKept()


class FakeBroker:
    """Always too full, and slow to give up the shutting of its gate."""

    gate_is_open = True

    def __init__(self) -> None:
        self.shutting = asyncio.Event()

    async def new_process(self, *callbacks: Callable[[], Awaitable[None]]) -> FakeProcess:
        return FakeProcess()

    async def open_gate(self, process: FakeProcess, *, patiently: bool = False) -> None: ...

    async def shut_gate(self) -> None:
        self.shutting.set()
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.3)

    async def kill_gate(self) -> None: ...


class ClosingBroker(FakeBroker):
    """One whose gate shuts at once."""

    def __init__(self) -> None:
        super().__init__()
        self.process = FakeProcess()

    async def new_process(self, *callbacks: Callable[[], Awaitable[None]]) -> FakeProcess:
        return self.process

    async def shut_gate(self) -> None: ...


class FakeWorkers:
    async def move(self, broker: str) -> None: ...


async def test_a_renewal_can_be_ended_at_any_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    embedded = FakeBroker()
    drained = asyncio.Event()

    async def drain(server: str, group: str, seconds: float, report: Report) -> str:
        await embedded.shutting.wait()
        drained.set()
        return ""

    monkeypatch.setattr(renewal, "CHECK_SECONDS", 0.01)
    monkeypatch.setattr(renewal, "drain", drain)
    settings = Settings(embedded=Embedded(broker_memory_mib=1))
    broker = RenewedBroker(cast(EmbeddedBroker, embedded), cast(Workers, FakeWorkers()), settings, lambda notice: None)
    await broker.start()
    await broker.open()
    await drained.wait()
    await asyncio.sleep(0.05)  # the gate is given up now, and that takes a while
    done, _ = await asyncio.wait({asyncio.create_task(broker.kill())}, timeout=3)
    assert done


@pytest.mark.parametrize(("dies", "left"), [(False, ""), (True, "the broker died with what was not stored yet")])
async def test_a_broker_that_dies_while_it_is_drained_was_not_drained(
    monkeypatch: pytest.MonkeyPatch, dies: bool, left: str
) -> None:
    embedded = ClosingBroker()

    async def drain(server: str, group: str, seconds: float, report: Report) -> str:
        embedded.process.kept.restarts += dies
        return ""  # of the broker that was started again

    monkeypatch.setattr(renewal, "drain", drain)
    broker = RenewedBroker(
        cast(EmbeddedBroker, embedded), cast(Workers, FakeWorkers()), Settings(), lambda notice: None
    )
    await broker.start()
    assert await broker.close(5) == left


class Renewable(FakeBroker):
    """Its first process is too full, the others are not."""

    def __init__(self) -> None:
        super().__init__()
        self.processes: list[FakeProcess] = []

    async def new_process(self, *callbacks: Callable[[], Awaitable[None]]) -> FakeProcess:
        self.processes.append(FakeProcess())
        if self.processes[1:]:
            self.processes[-1].resident_mebibytes = 0.0
        return self.processes[-1]


async def test_a_renewal_goes_on_where_it_failed_whatever_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    moves: list[str] = []
    told: list[Notice] = []
    renewed = asyncio.Event()

    class FailingOnce:
        async def move(self, broker: str) -> None:
            moves.append(broker)
            if len(moves) == 1:
                raise OSError("Too many open files")

    async def drain(server: str, group: str, seconds: float, report: Report) -> str:
        return ""

    def report(notice: Notice) -> None:
        told.append(notice)
        if notice.text.startswith("the embedded broker is renewed"):
            renewed.set()

    monkeypatch.setattr(renewal, "CHECK_SECONDS", 0.01)
    monkeypatch.setattr(renewal, "drain", drain)
    embedded = Renewable()
    settings = Settings(embedded=Embedded(broker_memory_mib=1))
    broker = RenewedBroker(cast(EmbeddedBroker, embedded), cast(Workers, FailingOnce()), settings, report)
    await broker.start()
    await broker.open()
    await asyncio.wait_for(renewed.wait(), 5)
    await broker.kill()
    assert [notice.text for notice in told if notice.level is Level.ERROR] == [
        "the embedded broker could not be renewed: OSError: Too many open files"
    ]
    assert [process.kept.stopped for process in embedded.processes] == [True, False]


@pytest.mark.parametrize(("failures", "left"), [(1, ""), (2, renewal.UNDRAINED)])
async def test_a_renewal_that_failed_is_gone_on_with_at_the_end(
    monkeypatch: pytest.MonkeyPatch, failures: int, left: str
) -> None:
    calls: list[str] = []
    told: list[str] = []

    class Failing:
        async def move(self, broker: str) -> None:
            calls.append("move")
            if calls.count("move") <= failures:
                raise OSError("Too many open files")

    async def drain(server: str, group: str, seconds: float, report: Report) -> str:
        calls.append("drain")
        return ""

    monkeypatch.setattr(renewal, "drain", drain)
    broker = RenewedBroker(
        cast(EmbeddedBroker, ClosingBroker()),
        cast(Workers, Failing()),
        Settings(),
        lambda notice: told.append(notice.text),
    )
    await broker.start()
    with pytest.raises(OSError, match="Too many"):
        await broker.renew()
    assert await broker.close(5) == left
    assert calls == ["drain", "move", "drain", "move", "drain"][: 4 if left else 5]
    assert any("could not be renewed" in text for text in told) is bool(left)
