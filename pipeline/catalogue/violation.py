"""The first violation of a schema, in words for the person who fixes the sender."""

from collections.abc import Sequence
from typing import NamedTuple

from jsonschema_rs import ValidationError, ValidationErrorKind

MESSAGE_LIMIT = 500
"""Longest message in characters; a long list of allowed values is cut."""

_ARTICLES = {"array": "an array", "integer": "an integer", "object": "an object", "null": "null"}
_FORMATS = {
    "date-time": "an RFC 3339 time with offset, e.g. 2026-03-01T10:00:00Z",
    "date": "a date, e.g. 2026-03-04",
}


class Violation(NamedTuple):
    """Where data does not match its schema, and what was expected. Never holds the value that was sent."""

    path: str
    """Path from `data` down, e.g. `items[0].price`; empty for `data` itself."""
    message: str


def describe(error: ValidationError) -> Violation:
    """Put the validator's finding into words."""
    message = _expectation(error)
    if len(message) > MESSAGE_LIMIT:
        message = message[: MESSAGE_LIMIT - 1] + "…"
    return Violation(_path([*error.instance_path, *_missing(error.kind)]), message)


def _missing(kind: ValidationErrorKind) -> tuple[str, ...]:
    return (kind.property,) if isinstance(kind, ValidationErrorKind.Required) else ()


def _expectation(error: ValidationError) -> str:
    match error.kind:
        case ValidationErrorKind.Required():
            return "is required"
        case ValidationErrorKind.Type(types):
            return f"must be {_either([_ARTICLES.get(name, f'a {name}') for name in types])}"
        case ValidationErrorKind.Enum(options):
            return f"must be one of: {', '.join(map(str, options))}"
        case ValidationErrorKind.Minimum(limit):
            return f"must be {limit} or more"
        case ValidationErrorKind.Maximum(limit):
            return f"must be {limit} or less"
        case ValidationErrorKind.Format(name):
            return f"must be {_FORMATS.get(name, f'of the format {name}')}"
        case ValidationErrorKind.Pattern(pattern):
            return f"must match the pattern {pattern}"
        case ValidationErrorKind.AnyOf(branches) | ValidationErrorKind.OneOfNotValid(branches):
            return _alternatives(branches)
        case _:
            return error.message


def _alternatives(branches: Sequence[Sequence[ValidationError]]) -> str:
    firsts = [_plainest(branch) for branch in branches if branch]
    names = [name for error in firsts for name in _missing(error.kind)]
    if len(names) == len(firsts):
        return f"needs {_either(names)}"
    return "must be " + _either([_expectation(error).removeprefix("must be ") for error in firsts])


def _plainest(branch: Sequence[ValidationError]) -> ValidationError:
    """The clearest error of a branch: a failed `format` says more than the failed `pattern` beside it."""
    return next((error for error in branch if isinstance(error.kind, ValidationErrorKind.Format)), branch[0])


def _either(words: Sequence[str]) -> str:
    return " or ".join(dict.fromkeys(words))


def _path(parts: Sequence[str | int]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
