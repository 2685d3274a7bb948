"""`touchline doctor`: checks of this machine and configuration."""

import click
from rich.console import Console
from rich.text import Text

from pipeline.cli.checkup import Check, Verdict, check_up
from pipeline.cli.context import Context, pass_context
from pipeline.cli.errors import CommandError

STYLES = {Verdict.OK: "green", Verdict.NOTE: "yellow", Verdict.PROBLEM: "bold red"}


@click.command()
@pass_context
def doctor(context: Context) -> None:
    """Check configuration and environment, and say what to do about what is found."""
    problems = 0
    for check in check_up(context):
        _show(check)
        problems += check.verdict is Verdict.PROBLEM
    if problems:
        raise CommandError(f"{problems} problem(s) found")


def _show(check: Check) -> None:
    console = Console(soft_wrap=True)
    line = Text.assemble((f"{check.verdict:<9}", STYLES[check.verdict]), f"{check.name:<20}", check.detail)
    console.print(line)
    if check.remedy:
        console.print(Text(f"{'':<9}{'':<20}→ {check.remedy}"))
