from random import Random

import pytest

from pipeline.simulator.shapes import DAY, HOUR, ONLINE_HOURS, STORE_HOURS, Hours, liveliness, lognormal, poisson, price

START = 1_772_323_200_000


def test_hours_follow_the_local_profile() -> None:
    rng = Random(1)
    shops = Hours(STORE_HOURS, START, START + DAY, utc_offset_hours=2)
    moments = [shops.sample(rng) for _ in range(5_000)]
    hours = [(moment + 2 * HOUR) // HOUR % 24 for moment in moments]
    assert min(hours) == 9
    assert max(hours) == 19
    assert 2 * hours.count(9) < hours.count(17)


def test_a_window_shorter_than_an_hour() -> None:
    rng = Random(1)
    window = Hours(ONLINE_HOURS, START, START + 60_000, 0)
    assert all(START <= window.sample(rng) < START + 60_000 for _ in range(1_000))


def test_a_window_in_which_all_is_closed_is_spread_evenly() -> None:
    rng = Random(1)
    night = Hours(STORE_HOURS, START, START + HOUR, 0)
    assert START <= night.sample(rng) < START + HOUR


def test_means() -> None:
    rng = Random(1)
    assert sum(poisson(rng, 0.7) for _ in range(20_000)) / 20_000 == pytest.approx(0.7, rel=0.05)
    assert sum(liveliness(rng) for _ in range(50_000)) / 50_000 == pytest.approx(1.0, rel=0.15)
    values = sorted(lognormal(rng, 10, 0.5) for _ in range(10_000))
    assert values[5_000] == pytest.approx(10, rel=0.05)


def test_prices_look_like_prices() -> None:
    rng = Random(1)
    assert {round(price(rng, 20) % 1, 2) for _ in range(500)} == {0.99, 0.95}
