"""What a detector's findings depend on, so that a growing journey need not be searched from its beginning again."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from pipeline.frictions.occurrence import Occurrence, Steps

Stretch = Callable[[Sequence[Occurrence], int], int | None]
"""From a journey's steps and the position of the first new one: where the stretch begins that the new ones belong to;
None if they change nothing. Steps of different stretches never affect each other's findings."""

Need = Callable[[Steps], bool]
"""From a journey's steps: whether anything can be found in them. Once true, it stays true as steps are added."""


class Scope(NamedTuple):
    """What a detector promises about itself in its attribute `scope`; without one it is called with everything."""

    types: frozenset[str] | None = None
    """It looks only at steps of these types, which include those it listens to. None: at all steps."""
    stretch: Stretch | None = None
    """It can be called with one stretch alone and needs no findings of others. None: it needs the whole journey."""
    led_in: bool = False
    """The first step of a stretch is only a lead-in: what happened at it was found in the stretch before."""
    need: Need | None = None
    """The detector is not called before this holds. Evaluated often, so it must be quick. None: it needs nothing."""


EVERYTHING: Final = Scope()


def scope_of(detector: object) -> Scope:
    """The scope that a detector declares."""
    scope = getattr(detector, "scope", EVERYTHING)
    return scope if isinstance(scope, Scope) else EVERYTHING


def at_least(count: int, name: str) -> Need:
    """For detectors that find nothing in fewer than `count` steps of a type."""

    def has_enough(steps: Steps) -> bool:
        return len(steps.of(name)) >= count

    return has_enough


def alone(steps: Sequence[Occurrence], first_new: int) -> int:
    """For detectors that judge each step by itself."""
    return first_new


def without_pause(longest_ms: int, parted_by: str = "") -> Stretch:
    """For detectors to which nothing before a pause of more than `longest_ms` matters.

    Nor does anything before a step of the type `parted_by`. In a pause there is no step of any type.
    """

    def begin(steps: Sequence[Occurrence], first_new: int) -> int:
        position = first_new
        while position > 0 and steps[position].time - steps[position - 1].time <= longest_ms:
            position -= 1
            if steps[position].type == parted_by:
                break
        return position

    return begin
