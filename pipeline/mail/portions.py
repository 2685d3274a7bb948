"""Mail in portions."""

from collections.abc import Mapping, Sequence

from pipeline.identity.messages import Message

Mail = Mapping[int, Sequence[Message]]
"""For each partition the messages that are addressed to it, in the order of the topic."""


def split(mail: Mail, most: int) -> tuple[Mail, Mail]:
    """The first `most` messages, and the rest; each partition's stay in order."""
    first: dict[int, Sequence[Message]] = {}
    rest: dict[int, Sequence[Message]] = {}
    for partition, messages in mail.items():
        if taken := messages[:most]:
            first[partition] = taken
        if len(messages) > most:
            rest[partition] = messages[most:]
        most -= len(taken)
    return first, rest
