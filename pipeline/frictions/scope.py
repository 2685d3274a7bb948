"""What a detector's findings depend on, so that a journey that grows need not be searched from its beginning again."""

from collections.abc import Callable
from typing import Final, NamedTuple

from pipeline.frictions.occurrence import Occurrence


class Scope(NamedTuple):
    """A promise of a detector about itself, in its attribute `scope`; without one it is asked about everything anew."""

    types: frozenset[str] | None = None
    """It looks at steps of these types only, those it listens to among them; None: at all."""
    within_ms: int | None = None
    """Steps with a longer pause between them, in which nothing at all happened, never matter to each other, so that it
    can be asked about the stretch between two such pauses alone. It needs no findings of others then. None: they may,
    however far apart."""
    after: Callable[[Occurrence], bool] | None = None
    """With `within_ms`: the last step before the stretch for which this holds matters too."""


EVERYTHING: Final = Scope()


def scope_of(detector: object) -> Scope:
    """The scope that a detector declares."""
    scope = getattr(detector, "scope", EVERYTHING)
    return scope if isinstance(scope, Scope) else EVERYTHING
