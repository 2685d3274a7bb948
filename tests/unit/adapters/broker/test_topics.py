"""The topics that are needed, and what is said about those that differ."""

from pipeline.adapters.broker.topics import TopicPlan, TopicState, planned_topics
from pipeline.settings.model import Topics


def test_every_family_has_a_topic_beside_mail_and_dead_letters() -> None:
    plans = {plan.name: plan for plan in planned_topics(Topics(raw_partitions=3, mail_partitions=16, replication=2))}
    assert {name for name in plans if name.startswith("touchpoints.")} == {
        f"touchpoints.{family}"
        for family in ("web", "delivery", "store", "support", "feedback", "marketing", "product")
    }
    assert plans["touchpoints.web"].partitions == 3
    assert plans["touchline.mail"].partitions == 16
    assert plans["touchline.dead-letters"].partitions == 1
    assert {plan.replication for plan in plans.values()} == {2}


def test_problems_say_what_to_do() -> None:
    plan = TopicPlan("touchline.mail", 8, 1)
    assert TopicState(plan, found=8).problem == ""
    assert "run `touchline topics`" in TopicState(plan, found=None).problem
    differing = TopicState(plan, found=4).problem
    assert differing.endswith("has 4 partitions, the settings say 8: set topics.mail_partitions to 4")
    raw = TopicState(TopicPlan("touchpoints.web", 4, 1), found=2).problem
    assert raw.endswith("set topics.raw_partitions to 2, or drain it and create it anew")
