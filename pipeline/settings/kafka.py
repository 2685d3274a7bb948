"""How to connect to a Kafka cluster."""

from typing import Literal

from msgspec import Struct

from pipeline.settings.secret import Secret

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class Kafka(Struct, frozen=True, kw_only=True):
    """For the cluster that `broker` names; the embedded broker ignores it."""

    idempotence: bool = True
    """Whether producers number their records, so that the cluster drops duplicates of retried ones."""
    tls: bool = False
    """Whether connections are encrypted, and the brokers' certificates checked."""
    ca_file: str = ""
    """PEM file of the authorities to trust; empty: those of the system."""
    certificate_file: str = ""
    """PEM file of the client certificate with its key; empty: the cluster asks for none."""
    user: str = ""
    """SASL user; empty: the cluster asks for no log-in."""
    password: Secret = Secret()
    mechanism: Mechanism = "SCRAM-SHA-512"
