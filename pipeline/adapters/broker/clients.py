"""kafka-python's clients, made to leave no thread behind when they fail to connect or are abandoned."""

import time
from contextlib import suppress
from ssl import SSLSocket
from typing import Any, Final

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient
from kafka.net.selector import KernelEvent, NetworkSelector

ABANDON_SECONDS: Final = 1.0
"""How long to wait for the client's thread after telling it to end."""
TLS_SECONDS: Final = 10.0
"""How long a broker may be silent in the TLS handshake, the only wait for which kafka-python has no limit."""


class _Selector(NetworkSelector):  # type: ignore[misc] # kafka-python's types are not followed
    def wait_read(self, fileobj: object, timeout_at: float | None = None) -> KernelEvent:
        if timeout_at is None and isinstance(fileobj, SSLSocket) and fileobj.version() is None:  # in the handshake
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
        """Close without sending what is unsent. Suppresses the client's error about that, as it could hide another one.

        `close()` would wait two minutes for records in flight; `close(timeout=0)` would raise and go on sending.
        """
        self._sender.force_close()
        with suppress(KafkaError):
            self.close(timeout=ABANDON_SECONDS)
