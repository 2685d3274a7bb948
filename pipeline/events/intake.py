"""The intake: from a raw record to accepted events and rejections, step by step."""

import orjson

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.event_type import EventType
from pipeline.events.bounds import out_of_bounds
from pipeline.events.canonical import canonical
from pipeline.events.dead_letter import NO_POSITION, DeadLetter
from pipeline.events.decode import decode
from pipeline.events.encode import encode
from pipeline.events.envelope import Envelope, given_type, read_envelope
from pipeline.events.event import Event
from pipeline.events.event_time import given_time, receive_time
from pipeline.events.identifiers import IdentifierRules, KnowsNamespaces
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.pseudonym import Pseudonymiser
from pipeline.events.recognition import recognise
from pipeline.events.record import Record
from pipeline.events.rejection import Rejection
from pipeline.events.replay import Replay
from pipeline.events.validation import mismatch

_LONGEST_TYPE = 128


class Intake:
    """Judges each event of a record on its own. Pure: no clock, no I/O, no state between records."""

    def __init__(
        self, catalogue: Catalogue, identity_policy: KnowsNamespaces, intake_policy: IntakePolicy, secret: bytes
    ) -> None:
        """Prepare for a catalogue and its policies.

        Raises:
            ValueError: The secret is empty.
        """
        self._types = catalogue.types
        self._policy = intake_policy
        self._rules = IdentifierRules(identity_policy, intake_policy)
        self._pseudonymiser = Pseudonymiser(secret, intake_policy.pseudonymise)

    def take(self, record: Record, now: int) -> list[Event | DeadLetter]:
        """Judge a record at `now` (milliseconds since the epoch): one outcome per event, in the order of the message.

        A message that cannot be read, is too large or holds too many events gives one rejection. No input raises.
        """
        received_at = receive_time(record.timestamp, now, self._policy)
        decoded = decode(record.value, self._policy)
        if isinstance(decoded, Rejection):
            return [self._dead_letter(record, received_at, 0, decoded, "", record.value)]
        outcomes: list[Event | DeadLetter] = []
        doubtful = decoded.may_be_deep or decoded.may_be_large
        for element in decoded.elements:
            refused = out_of_bounds(element, decoded, self._policy) if doubtful else None
            judged = refused or self._judge(element, record, received_at, now)
            if isinstance(judged, Event):
                outcomes.append(judged)
            else:
                payload = _payload(element, decoded.is_array, record)
                index, name = len(outcomes), given_type(element)
                outcomes.append(self._dead_letter(record, received_at, index, judged, name, payload))
        return outcomes

    def _judge(self, element: object, record: Record, received_at: int, now: int) -> Event | Rejection:
        """The steps from a JSON value that is within bounds to an event."""
        envelope = read_envelope(element, self._policy)
        if isinstance(envelope, Rejection):
            return envelope
        event_type = recognise(envelope.type, record.topic, self._types)
        if isinstance(event_type, Rejection):
            return event_type
        time = None if envelope.time is None else given_time(envelope.time, now, self._policy)
        if isinstance(time, Rejection):
            return time
        data = envelope.data
        sent = data.get("identifiers")
        identifiers = self._rules.normalise(sent)
        if isinstance(identifiers, Rejection):
            return identifiers
        data["identifiers"] = identifiers
        if refused := mismatch(data, event_type):
            data["identifiers"] = sent  # a dead letter holds what was sent
            return refused
        return self._accept(envelope, event_type, time, record.replay, received_at, identifiers)

    def _accept(
        self,
        envelope: Envelope,
        event_type: EventType,
        time: int | None,
        replay: Replay | None,
        received_at: int,
        identifiers: dict[str, str],
    ) -> Event:
        """Pseudonymise, address and put into canonical form.

        A replayed event without a time gets the time it was first received at, as if it had been accepted then.
        """
        data = envelope.data
        was_stored = replay is not None and replay.partition == NO_POSITION
        pseudonymiser = self._pseudonymiser
        hide = pseudonymiser.new_identifiers if was_stored else pseudonymiser.identifiers
        hidden = data["identifiers"] = hide(identifiers)
        if event_type.personal:
            treat = pseudonymiser.treat_new if was_stored else pseudonymiser.treat
            treat(data, event_type.personal)
        channel = data.get("channel") if event_type.says_channel else None
        name = event_type.touchpoint.type
        digest, encoded = canonical(name, time, data)
        arrived_at = received_at if replay is None else min(replay.received_at, received_at)
        return Event(
            source=envelope.source,
            id=envelope.id,
            type=name,
            time=arrived_at if time is None else time,
            received_at=received_at,
            identifiers=tuple([f"{namespace}:{value}" for namespace, value in hidden.items()]),
            channel=channel if isinstance(channel, str) else event_type.touchpoint.channel,
            probe=data.get("probe") is True,
            digest=digest,
            data=encoded,
        )

    def _dead_letter(
        self, record: Record, received_at: int, index: int, rejection: Rejection, event_type: str, payload: bytes
    ) -> DeadLetter:
        replay = record.replay
        origin = replay or record
        return DeadLetter(
            topic=origin.topic,
            partition=origin.partition,
            offset=origin.offset,
            index=index if replay is None else replay.index + index,
            received_at=received_at if replay is None else replay.received_at,
            reason=rejection.reason,
            detail=rejection.detail,
            type=event_type[:_LONGEST_TYPE],
            payload=payload[: self._policy.payload_limit],
            replays=0 if replay is None else replay.attempt,
        )


def _payload(element: object, is_array: bool, record: Record) -> bytes:
    """What was sent, to be replayed. It is not pseudonymised, because a fix may need any part of it."""
    if not is_array:
        return record.value
    try:
        return encode(element)
    except orjson.JSONEncodeError:
        # Nested more deeply than the encoder writes: no replay could use it, and offset and index still locate it.
        return b""
