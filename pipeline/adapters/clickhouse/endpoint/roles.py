"""Who may do what: users, what they are allowed, and the bounds they work in."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.adapters.clickhouse.endpoint.errors import AUTHENTICATION_FAILED, EngineError
from pipeline.adapters.clickhouse.endpoint.request import Credentials


@dataclass(frozen=True)
class Role:
    """A user of the endpoint."""

    name: str
    password: str = ""
    read_only: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    """Applied before the client's own settings."""


ANALYST_LIMITS = {
    "max_execution_time": "60",
    "max_memory_usage": str(2 << 30),
    "max_result_rows": "10000000",
    "max_result_bytes": str(1 << 30),
}

DEFAULT_ROLES = (Role("default"), Role("analyst", read_only=True, settings=ANALYST_LIMITS))


def authenticate(roles: Mapping[str, Role], credentials: Credentials) -> Role:
    """The role of these credentials; raises `EngineError` 516 if the user or the password is wrong."""
    role = roles.get(credentials.user)
    if role is not None and hmac.compare_digest(role.password.encode(), credentials.password.encode()):
        return role
    raise EngineError.of(
        AUTHENTICATION_FAILED,
        "AUTHENTICATION_FAILED",
        f"{credentials.user}: Authentication failed: password is incorrect, or there is no user with such name.",
    )
