"""kafka-python's clients; here they leave no thread behind, neither when they fail to connect nor when they give up."""

import time
from contextlib import suppress
from ssl import SSLSocket
from typing import Any, Final

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient
from kafka.net.selector import KernelEvent, NetworkSelector

ABANDON_SECONDS: Final = 1.0
"""For how long the client's thread, which is told to end, is waited for."""
TLS_SECONDS: Final = 10.0
"""For how long a broker may say nothing in the TLS handshake; for that alone kafka-python has no limit."""


class _Selector(NetworkSelector):  # type: ignore[misc] # kafka-python's types are not followed
    def wait_read(self, fileobj: object, timeout_at: float | None = None) -> KernelEvent:
        if timeout_at is None and isinstance(fileobj, SSLSocket) and fileobj.version() is None:  # not agreed yet
            timeout_at = time.monotonic() + TLS_SECONDS
        return super().wait_read(fileobj, timeout_at)


class _Client(KafkaNetClient):  # type: ignore[misc] # kafka-python's types are not followed
    def __init__(self, **configs: object) -> None:
        super().__init__(net=_Selector(**configs), **configs)


class _EndsWhenItFails:
    _client: Any

    def __init__(self, **configs: object) -> None:
        try:
            super().__init__(**configs | {"kafka_client": _Client})
        except BaseException:
            if hasattr(self, "_client"):
                self._client.close()
            raise


class AdminClient(_EndsWhenItFails, KafkaAdminClient):  # type: ignore[misc] # kafka-python's types are not followed
    """Asks about topics, offsets and groups."""


class Consumer(_EndsWhenItFails, KafkaConsumer):  # type: ignore[misc] # kafka-python's types are not followed
    """Reads records."""


class Producer(_EndsWhenItFails, KafkaProducer):  # type: ignore[misc] # kafka-python's types are not followed
    """Sends records."""

    def abandon(self) -> None:
        """End with what is unsent left unsent, and hide no reason for that behind what the client says about it.

        `close()` would wait for what is on its way for two minutes, `close(timeout=0)` raise and go on sending.
        """
        self._sender.force_close()
        with suppress(KafkaError):
            self.close(timeout=ABANDON_SECONDS)
