"""Differing copies of one event: which of them must be kept, and which counts.

All copies have the same address, and link times are multiples of the link resolution. So copies whose times round down
to the same multiple always have the same customer, and only the one with the smallest precedence matters. Copies
further apart may get different customers later, when a link between their times arrives: all of them are kept, and each
follows its own owners.
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
