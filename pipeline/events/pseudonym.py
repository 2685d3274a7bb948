"""Eighth step: replace personal identifiers by keyed hashes; hash or drop personal fields."""

import re
from collections.abc import Callable, Sequence
from hashlib import sha256

import orjson

from pipeline.catalogue.personal import EACH, PersonalField, Treatment
from pipeline.events.envelope import JsonObject

PSEUDONYM_BYTES = 16
"""HMAC-SHA-256, truncated: two values share a pseudonym with a chance of 2⁻¹²⁸."""

_PSEUDONYM = re.compile(f"[0-9a-f]{{{2 * PSEUDONYM_BYTES}}}")
_BLOCK_BYTES = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def is_pseudonym(value: str) -> bool:
    """Whether a value has the form of a pseudonym: 32 hexadecimal digits in lower case."""
    return _PSEUDONYM.fullmatch(value) is not None


class Pseudonymiser:
    """Replaces personal values, with the deployment's secret as key."""

    def __init__(self, secret: bytes, namespaces: Sequence[str]) -> None:
        """Keep the key.

        Raises:
            ValueError: The secret is empty: the hashes could be reversed by trying all phone numbers.
        """
        if not secret:
            raise ValueError("the secret for pseudonyms must not be empty")
        # HMAC as RFC 2104 defines it, with the key's blocks hashed once: a third of the time of `hmac.digest`.
        key = (secret if len(secret) <= _BLOCK_BYTES else sha256(secret).digest()).ljust(_BLOCK_BYTES, b"\0")
        self._inner = sha256(key.translate(_INNER))
        self._outer = sha256(key.translate(_OUTER))
        self._namespaces = frozenset(namespaces)

    def identifier(self, namespace: str, value: str) -> str:
        """The pseudonym of a value, 32 hexadecimal digits, if its namespace is hidden; else the value itself."""
        return self._hash(f"{namespace}:{value}") if namespace in self._namespaces else value

    def identifiers(self, identifiers: dict[str, str]) -> dict[str, str]:
        """The same for all identifiers of an event, in the same order."""
        if self._namespaces.isdisjoint(identifiers):
            return identifiers
        return {namespace: self.identifier(namespace, value) for namespace, value in identifiers.items()}

    def new_identifiers(self, identifiers: dict[str, str]) -> dict[str, str]:
        """The same, except that values that already are pseudonyms stay as they are."""
        return {
            namespace: value if is_pseudonym(value) else self.identifier(namespace, value)
            for namespace, value in identifiers.items()
        }

    def treat(self, data: JsonObject, fields: Sequence[PersonalField]) -> None:
        """Drop or hash the personal fields of `data`, in place."""
        _treat(data, fields, self._hash_value)

    def treat_new(self, data: JsonObject, fields: Sequence[PersonalField]) -> None:
        """The same, except that values that already are pseudonyms stay as they are."""
        _treat(data, fields, self._hash_new_value)

    def _hash_new_value(self, value: object) -> object:
        return value if isinstance(value, str) and is_pseudonym(value) else self._hash_value(value)

    def _hash_value(self, value: object) -> object:
        if value is None:
            return None
        return self._hash(
            value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
        )

    def _hash(self, text: str) -> str:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text.encode())
        outer.update(inner.digest())
        return outer.digest()[:PSEUDONYM_BYTES].hex()


def _treat(data: JsonObject, fields: Sequence[PersonalField], hashed: Callable[[object], object]) -> None:
    for path, treatment in fields:
        if path[0] in data:
            _apply(data, path, hashed if treatment is Treatment.HASH else None)


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
