"""The entry point of `touchline`: the group of commands, and how failures become exit statuses."""

import logging
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from pipeline import __version__
from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.catalogue.error import CatalogueError
from pipeline.cli.console import say
from pipeline.cli.context import Context
from pipeline.cli.errors import IS_IT_RUNNING, show_error
from pipeline.cli.interruption import INTERRUPTED, telling
from pipeline.cli.output import READER_GONE, OutputLostError, watch_output
from pipeline.cli.parameters import Text
from pipeline.cli.registry import COMMANDS
from pipeline.settings.errors import SettingsError, nearest

FAILED = 1
WRONG_USAGE = 2

_TARGETS = {entry.name: entry for entry in COMMANDS}


def _remember_config(context: click.Context, _: click.Parameter, config: Path | None) -> Path | None:
    if config is not None:
        context.ensure_object(Context).config = config
    return config


def _config_option() -> click.Option:
    return click.Option(
        ["--config"],
        type=click.Path(path_type=Path, dir_okay=False),
        help="TOML file with settings. [default: TOUCHLINE_CONFIG, or touchline.toml here]",
        callback=_remember_config,
        expose_value=False,
        is_eager=True,
    )


def _prepare(command: click.Command) -> None:
    """Let a command and its subcommands take `--config`, as the top-level group does, and accept only UTF-8 texts."""
    if not any(parameter.name == "config" for parameter in command.params):
        command.params.append(_config_option())
    for parameter in command.params:
        if parameter.type is click.STRING:
            parameter.type = Text()
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        _prepare(inner)


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used; each of them takes `--config` too."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands in the order of the registry."""
        return list(_TARGETS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        entry = _TARGETS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        _prepare(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or say which one was probably meant."""
        if args and args[0] not in _TARGETS and (near := nearest(args[0], _TARGETS)):
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near!r}?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; Ctrl-C is reported in one line even if the command itself does not handle it."""
        with telling():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by the registry's summaries, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.summary) for entry in COMMANDS])


@click.group(cls=LazyGroup, params=[_config_option()], context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="touchline")
@click.option("--trace", is_flag=True, help="Show where an unexpected error came from.")
@click.pass_context
def touchline(context: click.Context, trace: bool) -> None:
    """Touchpoints of every channel, stitched into one journey per customer, with the friction in it.

    Start with `touchline demo`, or run the stack with `touchline up` and send it events with `touchline emit`.
    """
    context.ensure_object(Context)
    context.meta["trace"] = trace


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 done, 1 the job failed, 2 wrong usage or settings, 130 stopped by Ctrl-C.

    When the reader of its output goes away, as `head` does, it exits silently with 141.
    """
    logging.getLogger().addHandler(logging.NullHandler())  # client libraries also log the errors that they raise
    watch_output()
    try:
        status = _status(sys.argv[1:] if arguments is None else list(arguments))
        sys.stdout.flush()
    except OutputLostError as lost:
        status = READER_GONE if lost.reader_gone else FAILED
        if not lost.reader_gone:
            show_error(str(lost))
    sys.exit(status)


def _status(given: Sequence[str]) -> int:
    """Run a command; returns the exit status."""
    try:
        return touchline.main(args=given, prog_name="touchline", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:  # while it was still reading the command line
        say("stopped")
        return INTERRUPTED
    except SettingsError as error:
        show_error("the settings cannot be used", "\n  ".join(str(problem) for problem in error.problems))
        return WRONG_USAGE
    except CatalogueError as error:
        show_error("the event types cannot be used", str(error))
        return WRONG_USAGE
    except BrokerUnavailableError as error:
        show_error(str(error), IS_IT_RUNNING.format(setting="broker"))
        return FAILED
    except OutputLostError:
        raise
    except Exception as error:
        if isinstance(error, PermissionError) and error.filename is not None:
            show_error(f"{error.filename}: {error.strerror}", "Give this user access to it, or name another path.")
        else:
            _show_unexpected(error, given)
        return FAILED


def _show_unexpected(error: Exception, given: Sequence[str]) -> None:
    """Report a bug: in one line, or with `--trace` as a traceback."""
    if "--trace" in given:
        traceback.print_exception(error)
        return
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).name} line {frame.lineno}"
    show_error(
        f"unexpected {type(error).__name__} in {where}: {error}",
        f"This is a fault in Touchline. `touchline --trace {' '.join(given)}` shows where it came from.",
    )
