"""What a detector's findings depend on, so that a journey that grows need not be searched from its beginning again."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from pipeline.frictions.occurrence import Occurrence, Steps

Stretch = Callable[[Sequence[Occurrence], int], int | None]
"""From a journey's steps and the position of the first new one: where the stretch begins that the new ones belong to;
None if they change nothing. Steps of two stretches never matter to each other."""

Need = Callable[[Steps], bool]
"""From a journey's steps: whether anything can be found among them. Once true it stays so as steps are added."""


class Scope(NamedTuple):
    """A promise of a detector about itself, in its attribute `scope`; without one it is asked about everything anew."""

    types: frozenset[str] | None = None
    """It looks at steps of these types only, those it listens to among them; None: at all."""
    stretch: Stretch | None = None
    """It can be asked about one stretch alone, and needs no findings of others. None: it needs the whole journey."""
    led_in: bool = False
    """The first step of a stretch only leads up to it: what happened there was found in the stretch before."""
    need: Need | None = None
    """It is not asked before a journey has what it needs; it is called often, so it must be quick. None: nothing."""


EVERYTHING: Final = Scope()


def scope_of(detector: object) -> Scope:
    """The scope that a detector declares."""
    scope = getattr(detector, "scope", EVERYTHING)
    return scope if isinstance(scope, Scope) else EVERYTHING


def at_least(count: int, name: str) -> Need:
    """For detectors that find nothing in fewer steps of a type."""

    def has_enough(steps: Steps) -> bool:
        return len(steps.of(name)) >= count

    return has_enough


def alone(steps: Sequence[Occurrence], first_new: int) -> int:
    """For detectors that judge each step by itself."""
    return first_new


def without_pause(longest_ms: int, parted_by: str = "") -> Stretch:
    """For detectors to which steps do not matter that lie before a longer pause, in which nothing at all happened.

    Nor do those before a step of the type `parted_by`.
    """

    def begin(steps: Sequence[Occurrence], first_new: int) -> int:
        position = first_new
        while position > 0 and steps[position].time - steps[position - 1].time <= longest_ms:
            position -= 1
            if steps[position].type == parted_by:
                break
        return position

    return begin
