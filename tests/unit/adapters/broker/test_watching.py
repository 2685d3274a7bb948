"""What watching makes of what its client meets."""

import time
from types import SimpleNamespace

import pytest
from kafka import TopicPartition
from kafka.errors import TopicAuthorizationFailedError

from pipeline.adapters.broker import watching
from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.watching import oldest_at

WEB, MAIL, SILENT = (TopicPartition(topic, 0) for topic in ("touchpoints.web", "touchline.mail", "touchpoints.store"))


class Client:
    """A client that returns the records of one partition in a poll, the same one until it is paused."""

    def __init__(self, **options: object) -> None:
        assert options["auto_offset_reset"] == "earliest"  # where the broker has deleted the records looked for
        self.waiting = {WEB: [700, 800], MAIL: [500]}

    def assign(self, partitions: object) -> None: ...

    def seek(self, partition: object, offset: int) -> None: ...

    def poll(self, milliseconds: int) -> dict[TopicPartition, list[SimpleNamespace]]:
        for partition, timestamps in self.waiting.items():
            return {partition: [SimpleNamespace(timestamp=at) for at in timestamps]}
        time.sleep(milliseconds / 1000)
        return {}

    def pause(self, partition: TopicPartition) -> None:
        del self.waiting[partition]

    def close(self) -> None: ...


class Denied(Client):
    """One that may not read."""

    def poll(self, milliseconds: int) -> dict[TopicPartition, list[SimpleNamespace]]:
        raise TopicAuthorizationFailedError("touchpoints.web")


def test_a_topic_that_may_not_be_read_is_told_as_the_brokers_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "Consumer", Denied)
    with pytest.raises(BrokerUnavailableError, match=r"a:1 does not answer: .*TopicAuthorizationFailed"):
        oldest_at(["a:1"], {("touchpoints.web", 0): 3}, 1)


@pytest.mark.parametrize("further", [[], [SILENT]])
def test_a_partition_that_fills_a_poll_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, further: list[TopicPartition]
) -> None:
    monkeypatch.setattr(watching, "Consumer", Client)
    positions = {(place.topic, place.partition): 3 for place in [WEB, MAIL, *further]}
    seconds = 0.5 if further else 60
    assert oldest_at(["a:1"], positions, seconds) == {("touchpoints.web", 0): 700, ("touchline.mail", 0): 500}
