"""Values with units, axes with round marks, names of series."""

import pytest

from grafana.preview import resolving
from grafana.preview.scale import Scale
from grafana.preview.units import written


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "short", "0"),
        (0.125, "short", "0.125"),
        (0.0004, "short", "0.0004"),
        (12, "short", "12"),
        (1234.5, "short", "1.23 K"),
        (2_500_000, "short", "2.5 Mil"),
        (-1500, "short", "-1.5 K"),
        (0.973, "percentunit", "97.3%"),
        (1, "percentunit", "100%"),
        (0.25, "s", "250 ms"),
        (0, "s", "0 s"),
        (90, "s", "1.5 min"),
        (7200, "s", "2 hour"),
        (-86_400, "s", "-1 day"),
        (1.5, "h", "1.5 hour"),
        (123 * 1024 * 1024, "bytes", "123 MiB"),
        (3.25, "eps", "3.25 evt/s"),
        (0.5, "reqps", "0.5 req/s"),
        (1200, "rowsps", "1.2 K rows/s"),
        (float("nan"), "s", "no number"),
    ],
)
def test_values_are_written_with_three_digits_and_a_unit_that_fits(value: float, unit: str, text: str) -> None:
    assert written(value, unit) == text


def test_a_scale_goes_from_values_to_pixels() -> None:
    down = Scale(0, 10, 100, 20)
    assert (down.at(0), down.at(5), down.at(10)) == (100, 60, 20)
    assert Scale(3, 3, 0, 10).at(3) == 0


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-4, 47, [0, 20, 40]),
        (0, 1234, [0, 250, 500, 750, 1000]),
    ],
)
def test_marks_are_round(low: float, high: float, marks: list[float]) -> None:
    assert Scale(low, high, 0, 1).marks(5) == pytest.approx(marks)


def test_marks_are_round_in_their_unit() -> None:
    assert Scale(0, 4 * 3600, 0, 1).marks(5, "s") == [0, 3600, 7200, 10_800, 14_400]
    assert Scale(0, 3, 0, 1).marks(4, "s") == [0, 1, 2, 3]
    assert Scale(0, 210 * 1024**2, 0, 1).marks(5, "bytes") == [
        0,
        50 * 1024**2,
        100 * 1024**2,
        150 * 1024**2,
        200 * 1024**2,
    ]


def test_moments_are_round() -> None:
    assert list(Scale(0, 3 * 3600, 0, 1).moments(3)) == [
        (0, "00:00"),
        (3600, "01:00"),
        (7200, "02:00"),
        (10_800, "03:00"),
    ]
    assert [text for _, text in Scale(5, 65, 0, 1).moments(3)] == ["00:00:30", "00:01:00"]
    assert list(Scale(0, 900, 0, 1).moments(3))[1] == (300, "00:05")


def test_names_of_series() -> None:
    labels = {"__name__": "x", "topic": "mail", "owner": "digital"}
    assert resolving.legend("{{topic}}, {{ owner }}", labels) == "mail, digital"
    assert resolving.legend("__auto", labels) == "digital, mail"
    assert resolving.legend("half", labels) == "half"
    assert resolving.legend("{{none}}", labels) == ""
