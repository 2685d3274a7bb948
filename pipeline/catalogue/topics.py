"""Names of the topics."""

from typing import Final

from pipeline.catalogue.touchpoint import FAMILIES

RAW_PREFIX: Final = "touchpoints."
MAIL_TOPIC: Final = "touchline.mail"
DEAD_LETTER_TOPIC: Final = "touchline.dead-letters"


def raw_topic(family: str) -> str:
    """The topic that takes a family's raw events, e.g. `touchpoints.web`."""
    return RAW_PREFIX + family


def raw_topic_of(event_type: str) -> str:
    """The topic that takes the events of a type: that of its family, e.g. `touchpoints.web` for `web.page_viewed`."""
    return raw_topic(event_type.partition(".")[0])


RAW_TOPICS: Final = tuple(raw_topic(family) for family in FAMILIES)
