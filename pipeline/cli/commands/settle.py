"""`touchline settle`: waiting until everything accepted so far is in ClickHouse."""

from collections.abc import Sequence

import click

from pipeline.adapters.broker.ledger import settle as settle_broker
from pipeline.adapters.broker.settle import Lag, SettleTimeoutError
from pipeline.adapters.stack.draining import describe_lags
from pipeline.cli.console import say, waiting
from pipeline.cli.context import Context, pass_context
from pipeline.cli.errors import CommandError
from pipeline.cli.interruption import telling
from pipeline.cli.parameters import Number


@click.command()
@click.option("--timeout", type=Number(min=0, min_open=True), default=120.0, show_default=True, help="Seconds to wait.")
@pass_context
def settle(context: Context, timeout: float) -> None:
    """Wait until everything accepted so far is in ClickHouse, or fail saying what lags."""
    left = "the broker has not been asked yet what is left"
    with telling(lambda: left), waiting("settling") as status:

        def progress(lags: Sequence[Lag]) -> None:
            nonlocal left
            left = f"{describe_lags(lags) or 'nothing'} to go"
            status.update(f"settling: {left}")

        try:
            settled = settle_broker(context.broker_servers, context.settings.group, timeout, progress)
        except SettleTimeoutError as error:
            raise CommandError(str(error), "Are the workers running? See `touchline status`.") from error
    busy = "" if settled.quiet else "; newer events keep coming"
    say(f"settled in {settled.seconds:.1f} s, {settled.rounds} round(s) of mail{busy}")
