"""Decode and count per key on bytewax; with the argument `keyed`, in its own keyed state."""

from typing import TypeAlias

from bytewax import operators as op
from bytewax.connectors.kafka import KafkaError, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow, Stream
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.run import cli_main

from tests.benchmarks.peers.counting import Counting, Task

Read: TypeAlias = KafkaSourceMessage[bytes | None, bytes | None] | KafkaError[bytes | None, bytes | None]


class _Nowhere(StatelessSinkPartition[object]):  # type: ignore[misc] # bytewax is not installed here
    def write_batch(self, items: list[object]) -> None:
        """Every dataflow needs an end."""


class _NowhereSink(DynamicSink[object]):  # type: ignore[misc] # as above
    def build(self, step_id: str, worker_index: int, worker_count: int) -> _Nowhere:
        return _Nowhere()


def in_a_dict(messages: Stream[Read], counting: Counting) -> Stream[object]:
    def count(message: Read) -> None:
        assert isinstance(message, KafkaSourceMessage)
        counting.one(message.value or b"")

    return op.filter_map("count", messages, count)


def in_keyed_state(messages: Stream[Read], counting: Counting) -> Stream[object]:
    def key(message: Read) -> str:
        assert isinstance(message, KafkaSourceMessage)
        return counting.key(message.value or b"")

    def count(state: int | None, _: Read) -> tuple[int, int]:
        counting.counted()
        total = (state or 0) + 1
        return total, total

    return op.map("forget", op.stateful_map("count", op.key_on("key", messages, key), count), lambda pair: pair[1])


def main() -> None:
    task = Task.given()
    flow = Dataflow("count")
    messages = op.input("read", flow, KafkaSource([task.broker], [task.topic]))
    count = in_keyed_state if task.keyed else in_a_dict
    op.output("end", count(messages, task.counting()), _NowhereSink())
    cli_main(flow)


if __name__ == "__main__":
    main()
