"""Second step: reject an event that is too large or nested too deeply."""

import orjson

from pipeline.events.dead_letter import Reason
from pipeline.events.decode import Decoded
from pipeline.events.intake_policy import IntakePolicy
from pipeline.events.rejection import Rejection


def out_of_bounds(element: object, decoded: Decoded, policy: IntakePolicy) -> Rejection | None:
    """Check depth before size: size is measured by encoding, which fails on deep nesting."""
    if decoded.may_be_deep and deeper_than(element, policy.max_depth):
        return Rejection(Reason.TOO_DEEP, f"nested too deeply: at most {policy.max_depth} levels are taken")
    if decoded.may_be_large and (size := len(orjson.dumps(element))) > policy.max_event_bytes:
        detail = f"the event has {size} bytes, at most {policy.max_event_bytes} are taken: send less data with it"
        return Rejection(Reason.TOO_LARGE, detail)
    return None


def deeper_than(element: object, limit: int) -> bool:
    """Whether objects and arrays are nested in more than `limit` levels. Walks level by level, without recursion."""
    level = [element] if isinstance(element, dict | list) else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, dict | list)
        ]
    return bool(level)
