"""Poor ratings."""

import pytest

from tests.unit.journeys.samples import event, found


@pytest.mark.parametrize(
    ("kind", "score", "poor"),
    [
        ("nps", 6, True),
        ("nps", 7, False),
        ("csat", 2, True),
        ("csat", 3, False),
        ("ces", 5, True),
        ("ces", 4, False),
        ("other", 0, False),
    ],
)
def test_surveys(kind: str, score: int, poor: bool) -> None:
    assert bool(found("poor_rating", [event("feedback.survey_answered", kind=kind, score=score)])) is poor


@pytest.mark.parametrize(("rating", "poor"), [(1, True), (2, True), (3, False), ("1", False)])
def test_reviews(rating: object, poor: bool) -> None:
    assert bool(found("poor_rating", [event("feedback.review_posted", rating=rating)])) is poor
