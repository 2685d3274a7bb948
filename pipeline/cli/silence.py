"""A broker that takes connections and acknowledges nothing, as one whose process is stopped."""

from pipeline.adapters.broker.producer import SILENCE_SECONDS
from pipeline.cli.console import say


def tell_silence() -> None:
    """Say so while what was sent still waits; what becomes of it is said at the end."""
    say(f"the broker has acknowledged nothing for {SILENCE_SECONDS:.0f} s; waiting on", "yellow")
