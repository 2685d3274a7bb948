"""The loopback interface, which only this machine reaches."""

from typing import Final

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""Its names."""
