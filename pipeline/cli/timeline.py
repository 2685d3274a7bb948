"""A customer's journeys as a timeline in the terminal."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from rich.text import Text

from pipeline.adapters.clickhouse.reading import FrictionRow, JourneyRow, StepRow

SEVERITY_STYLES = {1: "yellow", 2: "dark_orange", 3: "bold red"}
PAUSE = timedelta(minutes=30)
"""Gaps of at least this length are shown between two steps."""
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
_LEVELS = "●◆▲"
_INDENT = 12


def journey_lines(journey: JourneyRow, frictions: Sequence[FrictionRow], most: int) -> Iterator[Text]:
    """The lines of one journey: a heading, then its steps with frictions marked where they happened.

    Args:
        journey: The journey.
        frictions: Its frictions.
        most: How many steps and frictions to show; of more, the middle is left out and counted.
    """
    yield _heading(journey)
    yield Text(_summary(journey), style="dim")
    yield Text()
    entries = _entries(journey.steps, frictions)
    widths = _widths(journey.steps)
    hidden = len(entries) - most
    day, before = None, None
    for index, (time, item) in enumerate(entries):
        if hidden > 0 and most // 2 <= index < most // 2 + hidden:
            if index == most // 2:
                yield Text(f"{'':{_INDENT}}… {hidden} more …", style="dim italic")
            day, before = None, None
            continue
        if before is not None and time - before >= PAUSE:
            yield Text(f"{'':{_INDENT - 2}}│ {duration(time - before)} later", style="dim")
        if time.date() != day:
            day = time.date()
            yield Text(f"  {day:%a} {day.day} {day:%b %Y}", style="bold")
        before = time
        yield _step_line(item, widths) if isinstance(item, StepRow) else _friction_line(item)


def duration(length: timedelta) -> str:
    """A length of time in its two largest units, e.g. `3 d 4 h`."""
    seconds = int(length.total_seconds())
    parts = []
    for name, size in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or f"{seconds} s"


def _entries(
    steps: Sequence[StepRow], frictions: Sequence[FrictionRow]
) -> list[tuple[datetime, StepRow | FrictionRow]]:
    """Steps and frictions in order of time, a friction after the step of the same moment."""
    entries: list[tuple[datetime, int, StepRow | FrictionRow]] = [(step.time, 0, step) for step in steps]
    entries += [(friction.time, 1, friction) for friction in frictions]
    return [(time, item) for time, _, item in sorted(entries, key=lambda entry: entry[:2])]


def _heading(journey: JourneyRow) -> Text:
    probe = "mystery shopper's journey" if journey.probe else "journey"
    line = Text.assemble((f"{probe} {journey.journey_id[:8]}", "bold"), "  ", (journey.outcome, "bold cyan"))
    line.append(f" · {journey.status}", style="dim")
    if journey.friction_score:
        line.append(f" · friction {journey.friction_score}", style="red")
    return line


def _summary(journey: JourneyRow) -> str:
    parts = [
        f"{_counted(len(journey.steps), 'step')} in {_counted(journey.sessions, 'session')}",
        f"over {duration(journey.ended_at - journey.started_at)}",
        " + ".join(journey.channels),
    ]
    if journey.order_value:
        parts.append(f"{journey.order_value:,.2f} {journey.currency}")
    return " · ".join(parts)


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _widths(steps: Sequence[StepRow]) -> tuple[int, int, int]:
    return (
        max(len(step.channel) for step in steps),
        max(len(step.stage) for step in steps),
        max(len(step.touchpoint) for step in steps),
    )


def _step_line(step: StepRow, widths: tuple[int, int, int]) -> Text:
    channel, stage, touchpoint = widths
    return Text.assemble(
        f"{step.time:%H:%M:%S}".rjust(_INDENT - 1) + " ",
        (f"{step.channel:<{channel}}  ", "cyan"),
        (f"{step.stage:<{stage}}  ", "dim"),
        f"{step.touchpoint:<{touchpoint}}  ",
        (step.type, "dim"),
    )


def _friction_line(friction: FrictionRow) -> Text:
    mark = _LEVELS[friction.severity - 1] * friction.severity
    line = Text(f"{friction.time:%H:%M:%S}".rjust(_INDENT - 1) + " ", style="dim")
    line.append(f"{mark:<3} {friction.kind}", style=SEVERITY_STYLES[friction.severity])
    line.append(f"  {friction.owner}", style="dim")
    if friction.cause:
        line.append(f"  caused by {len(friction.cause)} earlier", style="dim italic")
    return line
