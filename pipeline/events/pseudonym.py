"""Eighth step: personal identifiers and fields become keyed hashes, or go."""

import hmac
from collections.abc import Callable, Sequence

import orjson

from pipeline.catalogue.personal import EACH, PersonalField, Treatment
from pipeline.events.envelope import JsonObject

PSEUDONYM_BYTES = 16
"""HMAC-SHA-256, truncated: two values share a pseudonym with a chance of 2⁻¹²⁸."""


class Pseudonymiser:
    """Replaces personal values, with the deployment's secret as key."""

    def __init__(self, secret: bytes, namespaces: Sequence[str]) -> None:
        """Keep the key.

        Raises:
            ValueError: The secret is empty: the hashes could be reversed by trying all phone numbers.
        """
        if not secret:
            raise ValueError("the secret for pseudonyms must not be empty")
        self._secret = secret
        self._namespaces = frozenset(namespaces)

    def hides(self, namespace: str) -> bool:
        """Whether values of this namespace are replaced."""
        return namespace in self._namespaces

    def identifier(self, namespace: str, value: str) -> str:
        """The value to go on with: 32 hexadecimal digits in a hidden namespace, else the value itself."""
        return self._hash(f"{namespace}:{value}") if namespace in self._namespaces else value

    def treat(self, data: JsonObject, fields: Sequence[PersonalField]) -> None:
        """Drop or hash the personal fields of `data`, in place."""
        for field in fields:
            _apply(data, field.path, self._hash_value if field.treatment is Treatment.HASH else None)

    def _hash_value(self, value: object) -> object:
        if value is None:
            return None
        return self._hash(
            value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
        )

    def _hash(self, text: str) -> str:
        return hmac.digest(self._secret, text.encode(), "sha256")[:PSEUDONYM_BYTES].hex()


def _apply(node: object, path: Sequence[str], change: Callable[[object], object] | None) -> None:
    """Change, or without `change` remove, what lies at `path` below `node`."""
    name, rest = path[0], path[1:]
    if name == EACH:
        _apply_to_each(node, rest, change)
    elif isinstance(node, dict) and name in node:
        if rest:
            _apply(node[name], rest, change)
        elif change is None:
            del node[name]
        else:
            node[name] = change(node[name])


def _apply_to_each(node: object, rest: Sequence[str], change: Callable[[object], object] | None) -> None:
    if not isinstance(node, list):
        return
    if rest:
        for child in node:
            _apply(child, rest, change)
    else:
        node[:] = [] if change is None else [change(child) for child in node]
