"""Where a server listens."""

from typing import Annotated

from msgspec import Meta

Host = Annotated[str, Meta(min_length=1)]
"""An address of this machine. Servers would take an empty one for all of them."""
Port = Annotated[int, Meta(ge=1, le=65_535)]
