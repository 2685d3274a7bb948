"""What is wrong with settings, and where."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong."""

    place: str
    """Where it is: file and line, or the environment variable."""
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class SettingsError(Exception):
    """Settings that cannot be used: all problems at once, each with its place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


def nearest(unknown: str, known: Iterable[str]) -> str | None:
    """The known name that an unknown one was probably meant to be; None if nothing is near."""
    found = get_close_matches(unknown, list(known), n=1, cutoff=0.5)
    return found[0] if found else None
