"""Copies of one event that differ: which of them must be remembered, and which counts.

All copies have the same address, so copies of (nearly) the same time end at the same customer and only the one with
the smallest precedence matters. Link times are multiples of the link resolution; so nothing can part two copies whose
times round down to the same multiple. Copies further apart in time may have to part later, when a link between
their times arrives: they are remembered, and each follows its own owners.
"""

from pipeline.identity.messages import Touch


def merge(copies: tuple[Touch, ...], arrived: Touch, resolution: int) -> tuple[Touch, ...]:
    """Add a copy of an event.

    Args:
        copies: The copies that are held, smallest precedence first.
        arrived: Another one; it replaces an equal copy that came on another route.
        resolution: Link resolution in milliseconds.

    Returns:
        The copies to hold, smallest precedence first: the first one counts.
    """
    merged = {copy.event.time // resolution: copy for copy in copies}
    slot = arrived.event.time // resolution
    rival = merged.get(slot)
    if rival is None or arrived.event.precedence <= rival.event.precedence:
        merged[slot] = arrived
    return tuple(sorted(merged.values(), key=lambda copy: copy.event.precedence))
