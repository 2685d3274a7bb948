"""The topics that the pipeline needs: create what is missing, report what differs."""

from typing import Final

import msgspec

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.catalogue.topics import DEAD_LETTER_TOPIC, MAIL_TOPIC, RAW_TOPICS
from pipeline.settings.model import Topics

MAIL_MESSAGE_BYTES = 8 * 1024 * 1024
"""The largest record of the mail topic; raw topics take the broker's default."""
_SETTINGS: Final = {MAIL_TOPIC: "topics.mail_partitions", DEAD_LETTER_TOPIC: "topics.dead_letter_partitions"}


class TopicPlan(msgspec.Struct, frozen=True):
    """A topic as it should be."""

    name: str
    partitions: int
    replication: int
    configuration: dict[str, str] = {}


class TopicState(msgspec.Struct, frozen=True):
    """A topic as it is."""

    plan: TopicPlan
    found: int | None
    """Partitions it has; None if it does not exist."""
    created: bool = False

    @property
    def fits(self) -> bool:
        """Whether it has the planned number of partitions."""
        return self.found == self.plan.partitions

    @property
    def problem(self) -> str:
        """What is wrong and what to do; empty if nothing."""
        if self.fits:
            return ""
        if self.found is None:
            return f"topic {self.plan.name} does not exist: run `touchline topics`"
        setting = _SETTINGS.get(self.plan.name, "topics.raw_partitions")
        anew = "" if self.plan.name == MAIL_TOPIC else ", or drain it and create it anew"
        return (
            f"topic {self.plan.name} has {self.found} partitions, the settings say {self.plan.partitions}: "
            f"set {setting} to {self.found}{anew}"
        )


def planned_topics(topics: Topics) -> list[TopicPlan]:
    """Every topic of the pipeline."""
    raw = [TopicPlan(name, topics.raw_partitions, topics.replication) for name in RAW_TOPICS]
    mail = TopicPlan(
        MAIL_TOPIC, topics.mail_partitions, topics.replication, {"max.message.bytes": str(MAIL_MESSAGE_BYTES)}
    )
    return [*raw, mail, TopicPlan(DEAD_LETTER_TOPIC, topics.dead_letter_partitions, topics.replication)]


def check_topics(admin: BrokerAdmin, topics: Topics) -> list[TopicState]:
    """Compare the existing topics with the planned ones."""
    existing = admin.partitions()
    return [TopicState(plan=plan, found=existing.get(plan.name)) for plan in planned_topics(topics)]


def ensure_topics(admin: BrokerAdmin, topics: Topics) -> list[TopicState]:
    """Create missing topics; topics that differ are reported, not changed.

    Raises:
        BrokerUnavailableError: The broker does not answer, or does not know a new topic in time.
    """
    states = []
    for state in check_topics(admin, topics):
        if state.found is None:
            plan = state.plan
            admin.create(plan.name, plan.partitions, plan.replication, plan.configuration)
            state = TopicState(plan=plan, found=plan.partitions, created=True)
        states.append(state)
    admin.wait_for_topics([state.plan.name for state in states if state.created])
    return states
