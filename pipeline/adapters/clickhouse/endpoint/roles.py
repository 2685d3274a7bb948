"""The users, what they may do, and their limits."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError

ANALYST_LIMITS: Mapping[str, str] = MappingProxyType(
    {
        "max_execution_time": "60",
        "max_memory_usage": str(2 << 30),
        "max_result_rows": "10000000",
        "max_result_bytes": str(1 << 30),
    }
)
"""Bounds of one statement of an analyst: seconds, bytes, rows, bytes."""

READER_SETTINGS = frozenset(
    {
        "date_time_output_format",
        "extremes",
        "final",
        "group_by_use_nulls",
        "join_use_nulls",
        "limit",
        "max_block_size",
        "max_threads",
        "offset",
        "output_format_json_named_tuples_as_objects",
        "output_format_json_quote_64bit_integers",
        "output_format_json_quote_decimals",
        "output_format_json_quote_denormals",
        "output_format_pretty_max_rows",
        "prefer_column_name_to_alias",
        "session_timezone",
    }
)
"""Settings a read-only user may send with a request: none of them reads a file or lifts a bound."""


@dataclass(frozen=True)
class Role:
    """A user of the endpoint."""

    name: str
    password: str = field(default="", repr=False)
    read_only: bool = False
    limits: Mapping[str, str] = field(default_factory=dict)
    """Settings that a read-only user can tighten but not widen; for others, defaults."""
    concurrency: int = 64
    """Statements at the same time; more wait."""
    wait_seconds: float = 30.0
    """How long they wait."""
    deadline_seconds: float | None = None
    """How long one statement may take in total, the client's reading of the answer included."""

    def admit(self, requested: Mapping[str, str]) -> dict[str, str]:
        """The settings to apply for a request; raises `EngineError` 164 for one that this user may not change."""
        if not self.read_only:
            return {**self.limits, **requested}
        settings = dict(self.limits)
        for name, value in requested.items():
            if name in self.limits:
                settings[name] = _tighter(name, self.limits[name], value)
            elif name in READER_SETTINGS:
                settings[name] = value
            elif name != "readonly" or value not in ("1", "2"):
                raise EngineError.of(Code.READONLY, f"Cannot modify '{name}' setting in readonly mode")
        return settings


def default_roles(default_password: str = "", analyst_password: str = "") -> dict[str, Role]:
    """The user `default`, who may do everything, and the user `analyst`, who may read."""
    analyst = Role(
        "analyst", analyst_password, read_only=True, limits=ANALYST_LIMITS, concurrency=8, deadline_seconds=120.0
    )
    return {"default": Role("default", default_password), "analyst": analyst}


def authenticate(roles: Mapping[str, Role], user: str, password: str) -> Role:
    """The role of these credentials; raises `EngineError` 516 if the user or the password is wrong."""
    role = roles.get(user)
    expected = role.password if role is not None else ""
    right = hmac.compare_digest(expected.encode(), password.encode())
    if role is not None and right:
        return role
    raise EngineError.of(
        Code.AUTHENTICATION_FAILED,
        f"{user}: Authentication failed: password is incorrect, or there is no user with such name",
    )


def _tighter(name: str, limit: str, value: str) -> str:
    try:
        number = float(value)
    except ValueError as error:
        raise EngineError.of(Code.BAD_ARGUMENTS, f"Setting {name} needs a number, not {value!r}") from error
    return value if 0 < number <= float(limit) else limit
