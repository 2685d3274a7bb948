"""Ratings that are none."""

import pytest

from tests.unit.journeys.samples import event, found


@pytest.mark.parametrize("said", [{"kind": "other", "score": 0}, {"kind": "nps", "score": "0"}, {"kind": "nps"}])
def test_a_survey_of_another_kind_or_without_a_number_is_not_judged(said: dict[str, object]) -> None:
    assert not found("poor_rating", [event("feedback.survey_answered", 0, said)])


def test_a_review_whose_rating_is_text_is_not_judged() -> None:
    assert not found("poor_rating", [event("feedback.review_posted", rating="1")])
