"""Faust's entry to the batch transport: the URL scheme `touchline+kafka`."""

from typing import ClassVar

from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers.aiokafka import Transport

from agents.transport.batch import BatchLimits
from agents.transport.consumer import BatchConsumer

SCHEME = "touchline+kafka"


class BatchTransport(Transport):  # type: ignore[misc] # Faust's types are not followed
    """Kafka over aiokafka; the consumer delivers batches."""

    Consumer: ClassVar[type[BatchConsumer]] = BatchConsumer

    limits = BatchLimits()
    """To be set before the consumer is made."""


def register() -> None:
    """Make the URL scheme known to Faust. Doing it again does no harm."""
    TRANSPORTS.aliases[SCHEME] = "agents.transport.driver:BatchTransport"
