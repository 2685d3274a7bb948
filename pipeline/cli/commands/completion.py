"""`touchline completion`: completion for the shell."""

import click
from click.shell_completion import get_completion_class

from pipeline.cli.main import touchline


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the shell's completion script: eval "$(touchline completion bash)"."""
    completion_class = get_completion_class(shell)
    assert completion_class is not None
    click.echo(completion_class(touchline, {}, "touchline", "_TOUCHLINE_COMPLETE").source())
