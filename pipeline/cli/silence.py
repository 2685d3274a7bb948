"""Reports a broker that accepts connections but acknowledges nothing, such as one whose process is suspended."""

from pipeline.adapters.broker.producer import SILENCE_SECONDS
from pipeline.cli.console import say


def tell_silence() -> None:
    """Report it while the command still waits; its last message tells what was sent."""
    say(f"the broker has acknowledged nothing for {SILENCE_SECONDS:.0f} s; still waiting", "yellow")
