"""The command: `python -m tests.chaos [FAULT…]`."""

import logging
import signal
import sys
import tempfile
import time
from pathlib import Path

import click

from tests.chaos.fault import EVENTS_PER_SECOND
from tests.chaos.faults import ALL, FAULTS
from tests.chaos.report import write_report
from tests.chaos.run import Scale, run
from tests.servers.kafka_jars import why_no_kafka


@click.command()
@click.argument("names", nargs=-1, metavar="[FAULT]...", type=click.Choice(sorted(FAULTS)))
@click.option("--times", type=click.IntRange(min=1), help="How often each fault strikes, instead of its own number.")
@click.option("--seconds", type=float, help="How long each strike lasts, instead of its own time.")
@click.option("--minutes", type=float, help="The same in minutes; what `soak` takes.")
@click.option(
    "--rate", type=click.IntRange(min=1), default=EVENTS_PER_SECOND, show_default=True, help="Events a second."
)
@click.option("--brokers", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where logs, data and the report go; else they are removed."
)
def main(
    names: tuple[str, ...],
    times: int | None,
    seconds: float | None,
    minutes: float | None,
    rate: int,
    brokers: int,
    workers: int,
    seed: int,
    out: Path | None,
) -> None:
    """Let faults strike a cluster under load, and compare every row afterwards. Without names: all faults."""
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # faults make ClickHouse fail on purpose
    if reason := why_no_kafka():
        raise click.ClickException(reason)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that all processes started are ended
    lasting = seconds if minutes is None else minutes * 60
    scale = Scale(brokers=brokers, workers=workers, seed=seed)
    with tempfile.TemporaryDirectory() as temporary:
        directory = out or Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        outcomes = []
        for name in names or [fault.name for fault in ALL]:
            place = directory / f"{name}-{time.strftime('%Y%m%dT%H%M%S')}"
            outcomes.append(run(FAULTS[name](times, lasting, rate), place, scale, _say))
            table = write_report(outcomes, directory)
        print(table)
    for outcome in outcomes:
        for wrong in filter(None, (*outcome.problems, outcome.first_wrong)):
            _say(f"{outcome.name}: {wrong}")
    sys.exit(0 if all(outcome.right for outcome in outcomes) else 1)


def _say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
