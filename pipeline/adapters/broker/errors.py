"""What can go wrong with a broker."""


class BrokerUnavailableError(Exception):
    """The broker cannot be reached or does not answer."""
