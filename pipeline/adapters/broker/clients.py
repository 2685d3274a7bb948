"""kafka-python's clients; here they leave no thread behind that tries for ever if nothing answers at first."""

from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer


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
