"""`touchline emit`: sending NDJSON events."""

from typing import BinaryIO

import click

from pipeline.adapters.broker.producer import EventProducer, SendFailure
from pipeline.cli.console import say, waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.emission import Refused, route
from pipeline.cli.errors import CommandError
from pipeline.cli.failures import Failures
from pipeline.cli.interruption import sent, telling
from pipeline.cli.silence import tell_silence

UPDATE_EVERY = 1_000
_REMEDY = (
    "Mend these lines and send them again. Each line must be one event: `jq -c .` turns JSON into such lines, "
    "`jq -c '.[]'` an array. `touchline import` reads CSV and other JSON."
)


@click.command()
@click.argument("file", type=click.File("rb"), default="-")
@pass_context
def emit(context: Context, file: BinaryIO) -> None:
    """Send the events of FILE, one JSON object per line, to their topics; - or nothing reads stdin.

    An event's type names its topic: web.page_viewed goes to touchpoints.web. Accepted means that the broker has it;
    what the pipeline then rejects shows in `touchline tail --rejected` and `touchline status`.
    """
    failures = Failures()

    def not_taken(failure: SendFailure) -> None:
        failures.add(_line(failure.position), failure.reason)

    connected: EventProducer | None = None
    with (
        telling(lambda: sent(connected)),
        waiting(_what(file)) as status,
        EventProducer(context.broker_servers, not_taken, on_silence=tell_silence) as producer,
    ):
        connected = producer
        for number, line in enumerate(file, start=1):
            routed = route(line)
            if isinstance(routed, Refused):
                failures.add(_line(number), routed.reason)
            elif routed is not None:
                producer.send(routed.topic, routed.event, number)
            if number % UPDATE_EVERY == 0:
                status.update(f"sending: {number:,} lines read, {producer.accepted:,} events accepted")
    say(f"{producer.accepted:,} accepted, {failures.count:,} failed")
    if failures.count:
        raise CommandError(f"{failures.count:,} could not be sent", _REMEDY)


def _what(file: BinaryIO) -> str:
    return "sending what you type, one JSON object per line; Ctrl-D ends it" if file.isatty() else "sending"


def _line(number: int) -> str:
    return f"line {number:,}"
