from collections.abc import Hashable

from agents.standstill import Standstill, Waiting

MINUTE = 60_000


def test_a_position_that_moves_is_fine() -> None:
    standstill = Standstill(limit_ms=MINUTE)
    for step in range(100):
        assert standstill.look(step * MINUTE, {"p": Waiting(step, 10)}, excused=False) == ""
    assert standstill.longest_ms == 0


def test_a_position_that_stands_still_is_named_with_its_lag() -> None:
    standstill = Standstill(limit_ms=MINUTE)
    waiting: dict[Hashable, Waiting] = {"p": Waiting(5, 70), "q": Waiting(1, 0)}
    assert standstill.look(1, waiting, excused=False) == ""
    assert standstill.look(MINUTE + 1, waiting, excused=False) == ""
    assert standstill.longest_ms == MINUTE
    said = standstill.look(MINUTE + 2, {"p": Waiting(5, 70), "q": Waiting(2, 0)}, excused=False)
    assert "the position of p stands at 5 for 60 s, 70 records behind" in said


def test_what_is_not_waiting_for_anything_does_not_stand_still() -> None:
    standstill = Standstill(limit_ms=MINUTE)
    assert standstill.look(1, {"p": Waiting(5, 1)}, excused=False) == ""
    assert standstill.look(MINUTE, {}, excused=False) == ""
    assert standstill.look(2 * MINUTE, {"p": Waiting(5, 1)}, excused=False) == ""


def test_an_outage_excuses_and_the_time_counts_from_its_end() -> None:
    standstill = Standstill(limit_ms=MINUTE)
    waiting: dict[Hashable, Waiting] = {"p": Waiting(5, None)}
    for now in range(0, 10 * MINUTE, MINUTE // 2):
        assert standstill.look(now, waiting, excused=True) == ""
        assert standstill.longest_ms == 0
    assert standstill.look(10 * MINUTE, waiting, excused=False) == ""
    assert "an unknown number of records" in standstill.look(11 * MINUTE, waiting, excused=False)
