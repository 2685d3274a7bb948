"""The loopback interface, which only this machine reaches, and hosts that stand for more than one address."""

from typing import Final

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""Its names."""
EVERYWHERE: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - here nothing is bound to it
"""The hosts that mean all addresses of a machine, each with the address at which the machine reaches itself."""


def bracketed(host: str) -> str:
    """A host as it is written in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host
