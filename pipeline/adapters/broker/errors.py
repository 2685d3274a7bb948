"""What can go wrong with a broker, and one place where what its client raises becomes that."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class BrokerUnavailableError(Exception):
    """The broker cannot be reached or does not answer."""


class BrokerRenewedError(BrokerUnavailableError):
    """Another broker answers at the address now, and its offsets mean something else."""


@contextmanager
def broker_errors(servers: Sequence[str]) -> Iterator[None]:
    """Turn what the Kafka client raises inside into `BrokerUnavailableError`."""
    from kafka.errors import KafkaError, KafkaTimeoutError  # late: the command line knows the error without a client

    where = ",".join(servers)
    try:
        yield
    except KafkaTimeoutError as error:
        raise BrokerUnavailableError(f"the broker at {where} does not answer") from error
    except (KafkaError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise BrokerUnavailableError(f"the broker at {where} does not answer: {reason}") from error
