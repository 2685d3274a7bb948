"""Faust's entry to the batch transport: the URL scheme `touchline+kafka`."""

from collections.abc import Mapping
from typing import Any, ClassVar

from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers.aiokafka import Producer, Transport

from agents.transport.batch import BatchLimits
from agents.transport.compression import compress_fast
from agents.transport.consumer import BatchConsumer

SCHEME = "touchline+kafka"


class IdempotentProducer(Producer):  # type: ignore[misc] # Faust's types are not followed
    """Faust's producer, idempotent where the broker supports that."""

    def _settings_default(self) -> Mapping[str, Any]:
        return {**super()._settings_default(), "enable_idempotence": self.transport.idempotence}


class BatchTransport(Transport):  # type: ignore[misc] # Faust's types are not followed
    """Kafka over aiokafka; the consumer delivers batches."""

    Consumer: ClassVar[type[BatchConsumer]] = BatchConsumer
    Producer: ClassVar[type[IdempotentProducer]] = IdempotentProducer

    limits = BatchLimits()
    """To be set before the consumer is made."""
    idempotence = False
    """To be set before the producer is made."""


def register() -> None:
    """Register the URL scheme with Faust, and make aiokafka's LZ4 fast. Idempotent."""
    TRANSPORTS.aliases[SCHEME] = "agents.transport.driver:BatchTransport"
    compress_fast()
