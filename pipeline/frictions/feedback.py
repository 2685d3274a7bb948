"""Frictions that customers state themselves."""

from pipeline.frictions.detector import EventDetector
from pipeline.frictions.occurrence import Occurrence
from pipeline.frictions.policy import FeedbackPolicy


class PoorRating(EventDetector):
    """`poor_rating`: a detractor's NPS, a low CSAT, a high customer effort score, or a review of two stars or fewer.

    NPS after Reichheld (2003), customer effort score after Dixon, Freeman and Toman (2010) on the scale of 7.
    """

    kinds = ("poor_rating",)
    listens_to = ("feedback.survey_answered", "feedback.review_posted")

    def __init__(self, policy: FeedbackPolicy) -> None:
        self._policy = policy

    def judge(self, step: Occurrence) -> tuple[str, int] | None:
        """Judge by the scale of the question."""
        poor = self._poor_review(step) if step.type == "feedback.review_posted" else self._poor_survey(step)
        return ("poor_rating", 2) if poor else None

    def _poor_review(self, step: Occurrence) -> bool:
        rating = step.number("rating")
        return rating is not None and rating <= self._policy.rating_at_most

    def _poor_survey(self, step: Occurrence) -> bool:
        kind, score = step.text("kind"), step.number("score")
        if score is None:
            return False
        if kind == "nps":
            return score <= self._policy.nps_at_most
        if kind == "csat":
            return score <= self._policy.csat_at_most
        return kind == "ces" and score >= self._policy.ces_at_least
