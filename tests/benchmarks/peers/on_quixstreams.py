"""Decode and count per key on quixstreams; with the argument `keyed`, in its own state, RocksDB without a changelog."""

import tempfile
import uuid

from quixstreams import Application, State

from tests.benchmarks.peers.counting import SESSION_MS, Counting, Task


def main() -> None:
    task = Task.given()
    counting = task.counting()
    application = Application(
        broker_address=task.broker,
        consumer_group=f"quixstreams-{uuid.uuid4().hex}",
        auto_offset_reset="earliest",
        auto_create_topics=False,
        use_changelog_topics=False,
        consumer_extra_config={"session.timeout.ms": SESSION_MS},
        state_dir=tempfile.mkdtemp(),
        loglevel="ERROR",
    )
    (in_its_state if task.keyed else in_a_dict)(application, task.topic, counting)
    application.run()


def in_a_dict(application: Application, name: str, counting: Counting) -> None:
    topic = application.topic(name, value_deserializer="bytes")
    application.dataframe(topic).update(counting.one)


def in_its_state(application: Application, name: str, counting: Counting) -> None:
    """Count in the state of the partition read: to bring a key's events together would take a further, costly topic."""

    def count(value: bytes, state: State) -> None:
        key = counting.key(value)
        state.set(key, state.get(key, 0) + 1)
        counting.counted()

    topic = application.topic(name, value_deserializer="bytes")
    found = topic.broker_config
    found.extra_config.setdefault("retention.ms", "-1")  # quixstreams requires it, and Tansu does not report it
    topic.broker_config = found
    application.dataframe(topic).update(count, stateful=True)


if __name__ == "__main__":
    main()
