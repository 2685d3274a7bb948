"""What watching makes of what its client meets."""

import pytest
from kafka.errors import TopicAuthorizationFailedError

from pipeline.adapters.broker import watching
from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.watching import oldest_at


class Denied:
    """A client that may not read."""

    def __init__(self, **_: object) -> None: ...

    def assign(self, partitions: object) -> None: ...

    def seek(self, partition: object, offset: int) -> None: ...

    def poll(self, milliseconds: int) -> dict[object, list[object]]:
        raise TopicAuthorizationFailedError("touchpoints.web")

    def close(self) -> None: ...


def test_a_topic_that_may_not_be_read_is_told_as_the_brokers_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "Consumer", Denied)
    with pytest.raises(BrokerUnavailableError, match=r"a:1 does not answer: .*TopicAuthorizationFailed"):
        oldest_at(["a:1"], {("touchpoints.web", 0): 3}, 1)
