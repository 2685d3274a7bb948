"""Recalls name exactly the stretch of time that changed, and what is recalled adds up moment by moment."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from pipeline.identity.changed import changed_stretch, owners_within
from pipeline.identity.owners import OwnerPeriod, Owners
from pipeline.identity.recalled import Recalled

LAST = 30
MOMENTS = range(-1, LAST + 2)
OWNERS = st.sampled_from(["customer_id:1", "customer_id:2", "customer_id:3"])


def in_order(stretch: tuple[int | None, int | None]) -> bool:
    since, until = stretch
    return since is None or until is None or since < until


STRETCHES = st.tuples(st.none() | st.integers(0, LAST), st.none() | st.integers(0, LAST)).filter(in_order)


@st.composite
def timelines(draw: st.DrawFn) -> tuple[OwnerPeriod, ...]:
    """Owners over time as `owners_of` gives them: no two in a row are the same."""
    starts = [None, *draw(st.lists(st.integers(0, LAST), unique=True, max_size=6).map(sorted))]
    owners = draw(st.lists(OWNERS, min_size=len(starts), max_size=len(starts)))
    kept = [place for place, owner in enumerate(owners) if place == 0 or owners[place - 1] != owner]
    return tuple(OwnerPeriod(starts[place], owners[place], None) for place in kept)


def owner(timeline: Sequence[OwnerPeriod], moment: int) -> str:
    period = Owners(tuple(timeline)).at(moment)
    assert period is not None
    return period.owner


@given(timelines(), timelines())
def test_timelines_differ_nowhere_but_within_the_stretch_and_at_both_of_its_ends(
    before: tuple[OwnerPeriod, ...], after: tuple[OwnerPeriod, ...]
) -> None:
    differing = [moment for moment in MOMENTS if owner(before, moment) != owner(after, moment)]
    if not differing:
        return
    stretch = changed_stretch(before, after)
    assert stretch.since == (None if differing[0] == MOMENTS[0] else differing[0])
    assert stretch.until == (None if differing[-1] == MOMENTS[-1] else differing[-1] + 1)
    within = [moment for moment in MOMENTS if _lies_in(moment, *stretch)]
    assert owners_within(before, stretch) == list(dict.fromkeys(owner(before, moment) for moment in within))


@given(st.lists(st.tuples(STRETCHES, st.integers(1, 5)), max_size=8))
def test_of_several_recalls_the_highest_version_counts_at_each_moment(
    recalls: list[tuple[tuple[int | None, int | None], int]],
) -> None:
    recalled = Recalled()
    for (since, until), version in recalls:
        recalled = recalled.recall(since, until, version)
    for moment in MOMENTS:
        assert recalled.at(moment) == max(
            (version for stretch, version in recalls if _lies_in(moment, *stretch)), default=0
        )
    assert all(before != after for before, after in zip(recalled.versions, recalled.versions[1:], strict=False))


@given(STRETCHES, st.integers(1, 5), STRETCHES)
def test_what_is_recalled_already_adds_nothing(
    stretch: tuple[int | None, int | None], version: int, other: tuple[int | None, int | None]
) -> None:
    recalled = Recalled().recall(*other, 3).recall(*stretch, version)
    assert recalled.recall(*stretch, version) == recalled


def _lies_in(moment: int, since: int | None, until: int | None) -> bool:
    return (since is None or since <= moment) and (until is None or moment < until)
