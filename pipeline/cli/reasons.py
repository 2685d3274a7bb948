"""An identity explained in words."""

from collections.abc import Iterator
from datetime import UTC, datetime

from pipeline.identity.explain import (
    Comparison,
    CustomerPeriod,
    Identity,
    Parting,
    PathEnd,
    SeenWith,
    Together,
    Verdict,
)

MOST_LINKS = 12


def identity_lines(identity: Identity, given: str) -> Iterator[str]:
    """Everything about one identifier: links, then the customer over time."""
    name = given if given == identity.identifier else f"{given} (stored as {identity.identifier})"
    yield name
    if identity.shared:
        yield "  is shared: it was seen with too many others to belong to one of them, so it links nobody"
    elif not identity.links:
        yield "  was never seen with a stronger identifier: it is a customer of its own"
    if identity.links:
        yield "  seen with"
        for seen in identity.links[:MOST_LINKS]:
            yield f"    {_seen(seen)}"
        if len(identity.links) > MOST_LINKS:
            yield f"    … and {len(identity.links) - MOST_LINKS:,} more"
    if identity.bridges and len(identity.links) > 1:
        yield "  and links these to each other"
    yield "  belongs to"
    for period in identity.customers:
        yield f"    {_period(period)}"


def comparison_lines(comparison: Comparison, first: str, second: str) -> Iterator[str]:
    """Whether two identifiers are one customer, and why; then both of them."""
    yield _verdict(comparison, first, second)
    for together in comparison.together if comparison.verdict is Verdict.SOMETIMES else ():
        yield f"  {_together(together)}"
    if comparison.meets_at:
        yield f"  Their paths meet at {comparison.meets_at}."
    for end in comparison.ends:
        yield f"  {_end(end)}"
    yield ""
    yield from identity_lines(comparison.first, first)
    yield ""
    yield from identity_lines(comparison.second, second)


def _verdict(comparison: Comparison, first: str, second: str) -> str:
    if comparison.verdict is Verdict.ALWAYS:
        return f"Yes: {first} and {second} are one customer, {comparison.together[-1].customer}."
    if comparison.verdict is Verdict.SOMETIMES:
        return f"At times: {first} and {second} are one customer"
    return f"No: {first} and {second} are not one customer."


def _seen(seen: SeenWith) -> str:
    times = "once" if seen.times == 1 else f"{seen.times:,} times until {_moment(seen.last)}"
    how = "in one event" if seen.direct else "by way of " + " or ".join(" and ".join(way) for way in seen.via)
    return f"{seen.target}, {how}, from {_moment(seen.first)}, {times}"


def _period(period: CustomerPeriod) -> str:
    return f"{' → '.join(period.path[1:]) or 'itself'}{_span(period.since, period.until)}"


def _together(together: Together) -> str:
    return f"{together.customer}{_span(together.since, together.until) or ', always'}"


def _end(end: PathEnd) -> str:
    if end.reason is Parting.SHARED:
        return f"{end.identifier} is shared by too many to belong to one of them."
    return f"Nothing links {end.identifier} to a stronger identifier."


def _span(since: int | None, until: int | None) -> str:
    start = f" from {_moment(since)}" if since is not None else ""
    return start + (f" until {_moment(until)}" if until is not None else "")


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M")
