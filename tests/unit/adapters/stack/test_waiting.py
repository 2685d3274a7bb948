"""Waiting at the end of a stack."""

import asyncio

import pytest

from pipeline.adapters.stack.notice import Notice
from pipeline.adapters.stack.waiting import ended, together, told


async def test_what_takes_long_is_told_again_and_again() -> None:
    said: list[Notice] = []
    async with told(said.append, lambda: f"told {len(said)} times", first=0.01, again=0.01):
        await asyncio.sleep(0.2)
    before = len(said)
    assert before >= 2
    assert [notice.text for notice in said[:2]] == ["told 0 times", "told 1 times"]
    await asyncio.sleep(0.05)
    assert len(said) == before


async def test_what_is_quick_is_not_told() -> None:
    said: list[Notice] = []
    async with told(said.append, lambda: "", first=5):
        await asyncio.sleep(0)
    assert not said


async def test_a_task_that_swallows_a_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.adapters.stack.waiting.CANCEL_AGAIN_SECONDS", 0.01)
    cancellations = 0

    async def stubborn() -> None:
        nonlocal cancellations
        while cancellations < 3:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancellations += 1

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await ended(task)
    assert cancellations == 3


async def test_who_waits_for_the_end_of_a_task_can_be_cancelled() -> None:
    async def slow_to_end() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.2)

    task = asyncio.create_task(slow_to_end())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(ended(task))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_nothing_is_left_of_what_was_done_at_once_when_one_fails() -> None:
    ends: list[str] = []

    async def other() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)
            ends.append("other")

    async def fails() -> None:
        await asyncio.sleep(0)
        raise RuntimeError("no room")

    with pytest.raises(RuntimeError, match="no room"):
        await together(fails(), other())
    assert ends == ["other"]
