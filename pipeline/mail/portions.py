"""Split mail into portions."""

from collections.abc import Container, Mapping, Sequence

from pipeline.identity.messages import Message

Mail = Mapping[int, Sequence[Message]]
"""For each partition the messages that are addressed to it, in the order of the topic."""


def split(mail: Mail, most: int, known: Container[str]) -> tuple[Mail, Mail]:
    """Return a portion with mail to known mailboxes and at most `most` others, and the rest.

    Each partition's messages stay in order, so the rest may be addressed to known mailboxes, too.
    """
    first: dict[int, Sequence[Message]] = {}
    rest: dict[int, Sequence[Message]] = {}
    met: set[str] = set()
    for partition, messages in mail.items():
        end = _end(messages, most, known, met)
        if end:
            first[partition] = messages[:end]
        if end < len(messages):
            rest[partition] = messages[end:]
    return first, rest


def _end(messages: Sequence[Message], most: int, known: Container[str], met: set[str]) -> int:
    """The position of the first message to one mailbox too many, or the end; adds to `met`."""
    for position, message in enumerate(messages):
        if message.at not in met and message.at not in known:
            if len(met) == most:
                return position
            met.add(message.at)
    return len(messages)
