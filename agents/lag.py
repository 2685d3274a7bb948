"""How far a worker is behind."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

import faust
from faust.types import TP

from agents.outage import Outage
from agents.transport.consumer import BatchConsumer

ANSWER_SECONDS: Final = 5.0

log = logging.getLogger("touchline.worker")


def consumer_lag(consumer: BatchConsumer, ends: Mapping[TP, int]) -> dict[tuple[str, int], int]:
    """Records not yet done, by topic and partition, for the partitions whose end offset is known.

    Args:
        consumer: Knows what is done, and the high watermarks of the last fetches.
        ends: End offsets that the brokers gave when asked. The higher of the two counts, because fetches stop while
            buffers are full, and the embedded broker reports ends that are too low.
    """
    lags: dict[tuple[str, int], int] = {}
    for partition in consumer.assignment():
        done = consumer.commits.done_until(partition)
        if done is None:  # nothing was delivered yet: everything from the read position on is to be done
            done = consumer.reads_from(partition)
        known = [end for end in (consumer.highwater(partition), ends.get(partition)) if end is not None]
        if known and done is not None:
            lags[(partition.topic, partition.partition)] = max(0, max(known) - done)
    return lags


def consumer_positions(consumer: BatchConsumer) -> dict[tuple[str, int], int]:
    """The offset before which everything is done, by topic and partition."""
    done = {partition: consumer.commits.done_until(partition) for partition in consumer.assignment()}
    return {(partition.topic, partition.partition): offset for partition, offset in done.items() if offset is not None}


class Ends:
    """Asks the brokers for end offsets; logs when they stop answering, and when they answer again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds."""
        self._silence = Outage(
            log,
            begins="the brokers do not answer requests for end offsets",
            ends="the brokers answer requests for end offsets again",
            clock=clock,
        )

    async def ask(self, consumer: BatchConsumer) -> dict[TP, int]:
        """The end offset of each assigned partition; nothing while the brokers do not answer."""
        try:
            ends = await asyncio.wait_for(consumer.end_offsets(ANSWER_SECONDS), ANSWER_SECONDS)
        except Exception as error:  # of any kind: lag then relies on the last fetches
            self._silence.lasts(f"{type(error).__name__}: {error}")
            return {}
        self._silence.is_over()
        return dict(ends)


def register(
    app: faust.App,
    report_lag: Callable[[Mapping[tuple[str, int], int]], None],
    report_positions: Callable[[Mapping[tuple[str, int], int]], None],
    interval_ms: int,
) -> None:
    """Report lag and positions at an interval."""
    brokers = Ends()

    async def report() -> None:
        while not app.should_stop:
            await app.sleep(interval_ms / 1000)
            ends = {} if app.rebalancing else await brokers.ask(app.consumer)
            if not app.rebalancing:  # in a rebalance the consumer's thread may change the assignment meanwhile
                report_lag(consumer_lag(app.consumer, ends))
                report_positions(consumer_positions(app.consumer))

    app.task(report)
