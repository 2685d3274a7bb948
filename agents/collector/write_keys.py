"""Who may send, where keys are configured."""

import base64
import binascii
import hmac
from collections.abc import Mapping

from pipeline.settings.secret import Secret


class WriteKeys:
    """Write keys by name. Without any, everybody may send."""

    def __init__(self, keys: Mapping[str, Secret]) -> None:
        self._keys = {name: key.value.encode() for name, key in keys.items() if key}
        self.required = bool(keys)

    def name_of(self, shown: str) -> str | None:
        """The name of a key; None if it is unknown. How long it takes does not tell how much of the key is right."""
        found = None
        for name, key in self._keys.items():
            if hmac.compare_digest(key, shown.encode("utf-8", "surrogateescape")):
                found = name
        return found


def shown_key(authorization: str) -> str:
    """The key in an `Authorization` header: the user name of Basic, as Segment has it, or a Bearer token; or empty."""
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return decoded.partition(":")[0]
