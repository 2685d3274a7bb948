"""Fifth step: when the event happened."""

from pipeline.events.dead_letter import Reason
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.rejection import Rejection
from pipeline.events.rfc3339 import parse_rfc3339


def receive_time(timestamp: int, now: int, policy: IntakePolicy) -> int:
    """When the message was received: the record's timestamp, or `now` if that is missing or too far in the future."""
    return timestamp if 0 < timestamp <= now + policy.max_future_ms else now


def given_time(value: object, now: int, policy: IntakePolicy) -> int | Rejection:
    """Read the attribute `time` of an event, in milliseconds since the epoch."""
    time = parse_rfc3339(value) if isinstance(value, str) else None
    if time is None:
        return Rejection(Reason.BAD_TIME, "time: must be an RFC 3339 time with offset, e.g. 2026-03-01T10:00:00.123Z")
    if time < policy.earliest_ms:
        detail = "time: is before the earliest that is taken (1970-01-01 unless configured): set the sender's clock"
        return Rejection(Reason.BAD_TIME, detail)
    if time > now + policy.max_future_ms:
        ahead = (time - now) // 1000
        detail = f"time: is {ahead} s in the future, at most {policy.max_future_ms // 1000} s are taken: "
        return Rejection(Reason.IN_THE_FUTURE, detail + "check the sender's clock and offset")
    return time
