"""kafka-python's clients; here they leave no thread behind, neither when they fail to connect nor when they give up."""

from contextlib import suppress
from typing import Any, Final

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

ABANDON_SECONDS: Final = 1.0
"""For how long the client's thread, which is told to end, is waited for."""


class _EndsWhenItFails:
    _client: Any

    def __init__(self, **configs: object) -> None:
        try:
            super().__init__(**configs)
        except BaseException:
            if hasattr(self, "_client"):
                self._client.close()
            raise


class AdminClient(_EndsWhenItFails, KafkaAdminClient):  # type: ignore[misc] # kafka-python's types are not followed
    """Asks about topics, offsets and groups."""


class Consumer(_EndsWhenItFails, KafkaConsumer):  # type: ignore[misc] # kafka-python's types are not followed
    """Reads records."""


class Producer(KafkaProducer):  # type: ignore[misc] # kafka-python's types are not followed
    """Sends records."""

    def abandon(self) -> None:
        """End with what is unsent left unsent, and hide no reason for that behind what the client says about it.

        `close()` would wait for what is on its way for two minutes, `close(timeout=0)` raise and go on sending.
        """
        self._sender.force_close()
        with suppress(KafkaError):
            self.close(timeout=ABANDON_SECONDS)
