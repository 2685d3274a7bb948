"""How to log in to a cluster, in Faust's types."""

from faust.auth import SASLCredentials, SSLCredentials

from pipeline.adapters.broker.servers import tls_context
from pipeline.settings.kafka import Kafka


def credentials(access: Kafka) -> SASLCredentials | SSLCredentials | None:
    """The credentials that Faust's clients present to the brokers; None if `access` has neither TLS nor a user.

    Raises:
        SettingsError: A file cannot be read, or is not a certificate.
    """
    context = tls_context(access) if access.tls else None
    if access.user:
        return SASLCredentials(
            username=access.user, password=access.password.value, ssl_context=context, mechanism=access.mechanism
        )
    return SSLCredentials(context) if context is not None else None
