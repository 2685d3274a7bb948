"""Faust's words for how to log in at a cluster."""

from faust.auth import SASLCredentials, SSLCredentials

from pipeline.adapters.broker.servers import tls_context
from pipeline.settings.kafka import Kafka


def credentials(access: Kafka) -> SASLCredentials | SSLCredentials | None:
    """What Faust's clients show to the brokers; None if nothing is asked for.

    Raises:
        SettingsError: A file cannot be read, or is no certificate.
    """
    context = tls_context(access) if access.tls else None
    if access.user:
        return SASLCredentials(
            username=access.user, password=access.password.value, ssl_context=context, mechanism=access.mechanism
        )
    return SSLCredentials(context) if context is not None else None
