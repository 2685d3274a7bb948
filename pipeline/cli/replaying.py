"""Sending dead letters again: mended, checked as the workers would, sent, and marked."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import msgspec
import orjson

from pipeline.adapters.broker.producer import EventProducer, SendFailure
from pipeline.adapters.clickhouse.letters import LetterRow
from pipeline.adapters.clock import wall_clock
from pipeline.catalogue.topics import RAW_TOPICS
from pipeline.cli.emission import Refused, Routed, route
from pipeline.cli.mending import Mend
from pipeline.cli.silence import tell_silence
from pipeline.events.dead_letter import DeadLetter
from pipeline.events.intake import Intake
from pipeline.events.record import Record
from pipeline.events.replay import Replay

Mark = Callable[[Sequence[Replay], datetime], None]
"""Marks letters as sent again."""
NotSent = Callable[[LetterRow, str], None]
"""Takes a letter that was not sent, and why."""


class Prepared(msgspec.Struct, frozen=True):
    """A letter that is ready to be sent."""

    letter: LetterRow
    topic: str
    message: bytes


class Preparation:
    """Turns a letter into the message to send, or says why it cannot be sent."""

    def __init__(self, mend: Mend, intake: Intake | None) -> None:
        """`intake` checks letters as the workers will; None sends whatever can be sent."""
        self._mend = mend
        self._intake = intake

    def prepare(self, letter: LetterRow) -> Prepared | Refused:
        """Mend a letter, find its topic, and see whether it would be accepted now."""
        message = self._mend.apply(letter.payload)
        if isinstance(message, Refused):
            return message
        routed = _route(letter, message)
        if isinstance(routed, Refused):
            return routed
        if self._intake is not None and (refused := _judge(self._intake, routed)):
            return refused
        return Prepared(letter, routed.topic, routed.event)


def _route(letter: LetterRow, message: bytes) -> Routed | Refused:
    try:
        content = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        return Refused(f"not JSON: {error}")
    if not isinstance(content, list):
        return route(message) or Refused("it is empty")
    if _is_object(letter.payload):
        return Refused("it was one event: several cannot take its place; send the others with `touchline emit`")
    if letter.topic not in RAW_TOPICS:
        return Refused(f"{letter.topic} takes no events from outside")
    return Routed(letter.topic, message)


def _is_object(payload: bytes) -> bool:
    try:
        return isinstance(orjson.loads(payload), dict)
    except orjson.JSONDecodeError:
        return False


def _judge(intake: Intake, routed: Routed) -> Refused | None:
    """Why the workers would reject it, if this machine's catalogue and settings are theirs."""
    now = wall_clock()
    for outcome in intake.take(Record(routed.topic, 0, 0, now, routed.event), now):
        if isinstance(outcome, DeadLetter):
            return Refused(f"still {outcome.reason}: {outcome.detail}")
    return None


def send_again(
    blocks: Iterable[Sequence[LetterRow]],
    preparation: Preparation,
    servers: Sequence[str],
    mark: Mark,
    not_sent: NotSent,
) -> int:
    """Send letters, and mark those that the broker acknowledged; returns their number.

    Only letters that were sent are marked. One that could not be marked is sent again next time, which does no harm.

    Raises:
        BrokerUnavailableError: No broker answers.
    """
    failures: dict[int, str] = {}

    def note(failure: SendFailure) -> None:
        failures[failure.position] = failure.reason

    with EventProducer(servers, note, on_silence=tell_silence) as producer:
        for block in blocks:
            ready = _prepared(block, preparation, not_sent)
            for position, each in enumerate(ready):
                producer.send_again(each.topic, each.message, each.letter.next_replay, position)
            producer.flush()
            mark([each.letter.next_replay for at, each in enumerate(ready) if at not in failures], datetime.now(UTC))
            for position, reason in failures.items():
                not_sent(ready[position].letter, reason)
            failures.clear()
        return producer.accepted


def _prepared(block: Sequence[LetterRow], preparation: Preparation, not_sent: NotSent) -> list[Prepared]:
    ready = []
    for letter in block:
        prepared = preparation.prepare(letter)
        if isinstance(prepared, Refused):
            not_sent(letter, prepared.reason)
        else:
            ready.append(prepared)
    return ready
