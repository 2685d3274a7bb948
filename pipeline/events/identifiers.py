"""Sixth step: identifiers, normalised and ordered by strength."""

from collections.abc import Callable, Mapping
from typing import Protocol
from unicodedata import decimal

from pipeline.events.dead_letter import Reason
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.pseudonym import is_pseudonym
from pipeline.events.rejection import Rejection

_DIGITS = frozenset("0123456789")
_WIDE_PLUS = "\uff0b"


class Ranked(Protocol):
    """What the intake needs to know of a namespace."""

    @property
    def rank(self) -> int:
        """A higher rank is a stronger identifier."""
        ...


class KnowsNamespaces(Protocol):
    """What the intake needs to know of the identity policy."""

    @property
    def namespaces(self) -> Mapping[str, Ranked]:
        """All namespaces by name."""
        ...


def reduce_phone(value: str) -> str:
    """A phone number as ASCII digits, converted from any script, after a `+` if it had a leading one.

    A pseudonym in place of a number stays as it is.
    """
    if is_pseudonym(value):
        return value
    if not value.isascii():
        value = "".join([_ascii_form(character) for character in value])
    digits = "".join(character for character in value if character in _DIGITS)
    leading = value.partition(digits[0])[0] if digits else ""
    return f"+{digits}" if "+" in leading else digits


def _ascii_form(character: str) -> str:
    """The ASCII form of a decimal digit of any script or of a full-width plus; other characters as they are."""
    if character.isdecimal():
        return str(decimal(character))
    return "+" if character == _WIDE_PLUS else character


_FORMS: dict[str, Callable[[str], str]] = {"email": str.lower, "phone": reduce_phone}


class IdentifierRules:
    """How identifiers are read: known namespaces, null-ish values, lengths and forms."""

    def __init__(self, identity: KnowsNamespaces, policy: IntakePolicy) -> None:
        by_strength = sorted(identity.namespaces.items(), key=lambda item: (-item[1].rank, item[0]))
        self.strength: Mapping[str, int] = {namespace: place for place, (namespace, _) in enumerate(by_strength)}
        """Place of each namespace, strongest first; equal ranks by name."""
        self._place = self.strength.__getitem__
        self._nullish = frozenset(value.lower() for value in policy.nullish)
        self._limit = policy.max_identifier_length

    def normalise(self, given: object) -> dict[str, str] | Rejection:
        """The identifiers of an event, strongest first, without those that are null-ish.

        An unconfigured namespace is rejected rather than dropped: a misspelt one would split journeys unnoticed.
        """
        if given is None:
            return _none("is missing")
        if not isinstance(given, dict):
            return Rejection(Reason.INVALID_DATA, "data.identifiers: must be an object of namespaces and values")
        found: dict[str, str] = {}
        for namespace, raw in given.items():
            if namespace not in self.strength:
                return self._unknown(namespace)
            value = self.value(namespace, raw)
            if isinstance(value, Rejection):
                return value
            if value:
                found[namespace] = value
        if not found:
            return _none("holds no usable value")
        if len(found) == 1:
            return found
        return {namespace: found[namespace] for namespace in sorted(found, key=self._place)}

    def value(self, namespace: str, raw: object) -> str | Rejection:
        """One value of a known namespace in its normal form; empty if it is null-ish."""
        if isinstance(raw, str):
            text = raw.strip()
        elif isinstance(raw, int) and not isinstance(raw, bool):
            text = str(raw)
        elif raw is None:
            return ""
        else:
            return _unusable(namespace, "must be a text or a whole number of at most 64 bits")
        if text.lower() in self._nullish:
            return ""
        if namespace in _FORMS and (text := _FORMS[namespace](text)) in self._nullish:
            return ""
        if len(text) > self._limit:
            return _unusable(namespace, f"has {len(text)} characters, at most {self._limit} are taken")
        if not text.isprintable():
            return _unusable(namespace, "must not hold control characters, line breaks or invisible ones")
        return text

    def _unknown(self, namespace: str) -> Rejection:
        known = ", ".join(self.strength)
        unknown = f"data.identifiers: {namespace[:64]!r} is no known namespace"
        detail = f"{unknown}. Known: {known}. Mend it, or add it to identity.namespaces"
        return Rejection(Reason.INVALID_DATA, detail)


def _none(problem: str) -> Rejection:
    detail = f"data.identifiers: {problem}: say whom the event is about, e.g. anonymous_id or order_id"
    return Rejection(Reason.NO_IDENTIFIER, detail)


def _unusable(namespace: str, problem: str) -> Rejection:
    return Rejection(Reason.INVALID_DATA, f"data.identifiers.{namespace}: {problem}")
