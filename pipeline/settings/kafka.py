"""How to speak to a Kafka cluster."""

from typing import Literal

from msgspec import Struct

from pipeline.settings.secret import Secret

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class Kafka(Struct, frozen=True, kw_only=True):
    """For the cluster that `broker` names; the embedded broker takes nothing of it."""

    idempotence: bool = True
    """Whether producers number their records, so that the cluster drops doubles of what was sent again."""
    tls: bool = False
    """Whether connections are encrypted, and the brokers' certificates checked."""
    ca_file: str = ""
    """PEM file of the authorities to trust; empty: those of the system."""
    certificate_file: str = ""
    """PEM file of the certificate to show, with its key; empty: none is asked for."""
    user: str = ""
    """User to log in as, by SASL; empty: no log-in is asked for."""
    password: Secret = Secret()
    mechanism: Mechanism = "SCRAM-SHA-512"
