import asyncio
import logging

import pytest
from aiokafka.errors import KafkaConnectionError

from agents.failure import Failure
from agents.watchdog import StalledError
from pipeline.stitching.store import ClaimLostError


async def test_work_that_goes_well_returns_its_result() -> None:
    async def double(number: int) -> int:
        return 2 * number

    failure = Failure()
    assert await failure.guard("double", double)(21) == 42
    assert not failure.happened


async def test_after_an_exception_the_work_never_returns(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise RuntimeError("surprise")

    failure = Failure()
    with caplog.at_level(logging.ERROR):
        work = asyncio.ensure_future(failure.guard("stitch", fail)())
        await failure.wait()
    assert failure.happened
    assert caplog.messages == ["stitch failed, the worker stops: RuntimeError: surprise"]
    done, _ = await asyncio.wait([work], timeout=0.01)
    assert not done
    work.cancel()


async def test_a_worker_whose_partitions_are_gone_ends_without_a_stack_trace(caplog: pytest.LogCaptureFixture) -> None:
    failure = Failure()
    failure.report("stitch", ClaimLostError("partitions 1, 2 belong to another worker now"))
    assert failure.happened
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.exc_info is None
    assert "partitions 1, 2 belong to another worker now; the worker stops" in record.getMessage()


@pytest.mark.parametrize("error", [KafkaConnectionError("no broker"), OSError(98, "address already in use")])
async def test_an_outage_is_told_without_a_stack_trace(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    failure = Failure()
    failure.report("start", error)
    assert failure.happened
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is None
    assert str(error) in record.getMessage()


async def test_a_failure_that_was_never_raised_has_no_stack_trace(caplog: pytest.LogCaptureFixture) -> None:
    Failure().report("consumer", StalledError("a rebalance has lasted for 181 s"))
    (record,) = caplog.records
    assert record.exc_info is None
    assert record.getMessage() == "consumer failed, the worker stops: StalledError: a rebalance has lasted for 181 s"


async def test_after_a_failure_no_other_work_begins() -> None:
    begun = []

    async def begin() -> None:
        begun.append(True)

    failure = Failure()
    failure.report("elsewhere", RuntimeError("surprise"))
    work = asyncio.ensure_future(failure.guard("begin", begin)())
    done, _ = await asyncio.wait([work], timeout=0.01)
    assert not done
    assert begun == []
    work.cancel()


async def test_cancelling_work_is_no_failure() -> None:
    failure = Failure()
    work = asyncio.ensure_future(failure.guard("sleep", asyncio.sleep)(60))
    await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not failure.happened
