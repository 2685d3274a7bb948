"""What the producer makes of what its client meets."""

import threading
from queue import SimpleQueue

import pytest
from kafka.errors import KafkaTimeoutError, TopicAuthorizationFailedError
from kafka.future import Future

from pipeline.adapters.broker import producer
from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.producer import EventProducer, SendFailure
from pipeline.events.replay import Replay


class Refusing:
    """A client whose broker refuses everything; a thread of its own says so, and ends where a client's would."""

    def __init__(self, **_: object) -> None:
        self._sent: SimpleQueue[Future] = SimpleQueue()
        threading.Thread(target=self._refuse, daemon=True).start()

    def send(self, topic: str, message: bytes, **_: object) -> Future:
        future = Future()
        self._sent.put(future)
        return future

    def partitions_for(self, topic: str) -> set[int]:
        raise KafkaTimeoutError("Failed to update metadata after 60.0 secs.")

    def close(self) -> None: ...

    def abandon(self) -> None: ...

    def _refuse(self) -> None:
        try:
            while True:
                self._sent.get().failure(TopicAuthorizationFailedError("touchpoints.web"))
        except SystemExit:
            return


class Frozen(Refusing):
    """A client whose broker says nothing until it is thawed."""

    def thaw(self) -> None:
        self._sent.get().success(None)

    def _refuse(self) -> None: ...


@pytest.fixture(autouse=True)
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producer, "Producer", Refusing)


def test_whoever_is_told_of_a_failure_may_raise() -> None:
    def tell(failure: SendFailure) -> None:
        raise SystemExit(failure.reason)  # as what writes to a terminal does when that is gone

    ended: list[str | int | None] = []

    def send() -> None:
        try:
            with EventProducer(["a:1"], tell) as sender:
                sender.send("touchpoints.web", b"{}", 1)
        except SystemExit as end:
            ended.append(end.code)

    sending = threading.Thread(target=send, daemon=True)
    sending.start()
    sending.join(10)
    assert ended == [f"the broker refused it: {TopicAuthorizationFailedError('touchpoints.web')}"]


def test_a_topic_that_is_not_told_of_is_an_outage() -> None:
    sender = EventProducer(["a:1"])
    with pytest.raises(BrokerUnavailableError, match="a:1"):
        sender.send_again("touchpoints.web", b"{}", Replay("touchpoints.web", 0, 1, 0, 1, 1))


def test_a_broker_that_acknowledges_nothing_is_told_of_once_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = Frozen()
    told: list[int] = []

    def on_silence() -> None:
        told.append(sender.accepted)
        for seconds in (0.2, 0.4):
            threading.Timer(seconds, frozen.thaw).start()

    monkeypatch.setattr(producer, "Producer", lambda **_: frozen)
    monkeypatch.setattr(producer, "SILENCE_SECONDS", 0.05)
    with EventProducer(["a:1"], on_silence=on_silence) as sender:
        for position in (1, 2):
            sender.send("touchpoints.web", b"{}", position)
            sender.flush()
    assert (told, sender.accepted) == ([0], 2)
