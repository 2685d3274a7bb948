"""How far a worker is behind."""

from collections.abc import Callable, Mapping

import faust

from agents.transport.consumer import BatchConsumer


def consumer_lag(consumer: BatchConsumer) -> dict[tuple[str, int], int]:
    """Records not yet done, by topic and partition, for the partitions that the broker has told an end of.

    The end comes with every fetch; what is sent while a partition's buffer is full is not counted before the next one.
    """
    lags: dict[tuple[str, int], int] = {}
    for partition in consumer.assignment():
        end = consumer.highwater(partition)
        done = consumer.commits.done_until(partition)
        if end is not None and done is not None:
            lags[(partition.topic, partition.partition)] = max(0, end - done)
    return lags


def consumer_positions(consumer: BatchConsumer) -> dict[tuple[str, int], int]:
    """The offset up to which all is done, by topic and partition."""
    done = {partition: consumer.commits.done_until(partition) for partition in consumer.assignment()}
    return {(partition.topic, partition.partition): offset for partition, offset in done.items() if offset is not None}


def register(
    app: faust.App,
    report_lag: Callable[[Mapping[tuple[str, int], int]], None],
    report_positions: Callable[[Mapping[tuple[str, int], int]], None],
    interval_ms: int,
) -> None:
    """Report lag and positions at an interval."""

    async def report() -> None:
        while not app.should_stop:
            await app.sleep(interval_ms / 1000)
            if not app.rebalancing:  # else the consumer's thread may change the assignment meanwhile
                report_lag(consumer_lag(app.consumer))
                report_positions(consumer_positions(app.consumer))

    app.task(report)
