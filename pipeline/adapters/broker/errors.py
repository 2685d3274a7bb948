"""The errors of a broker, and the one place that turns the Kafka client's exceptions into them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class BrokerUnavailableError(Exception):
    """The broker cannot be reached or does not answer."""


class BrokerRenewedError(BrokerUnavailableError):
    """Another broker answers at the address now; offsets of the former one mean nothing to it."""


@contextmanager
def broker_errors(servers: Sequence[str]) -> Iterator[None]:
    """Turn the Kafka client's exceptions inside into `BrokerUnavailableError`."""
    from kafka.errors import KafkaError, KafkaTimeoutError  # late: the command line needs the error, not the client

    where = ",".join(servers)
    try:
        yield
    except KafkaTimeoutError as error:
        raise BrokerUnavailableError(f"the broker at {where} does not answer") from error
    except (KafkaError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise BrokerUnavailableError(f"the broker at {where} does not answer: {reason}") from error
