"""The commands, in the order in which help lists them."""

from typing import Final, NamedTuple


class CommandEntry(NamedTuple):
    """A command; its module is imported only when it is used, so that help stays fast."""

    name: str
    target: str
    """`module:attribute` of the click command."""
    summary: str


COMMANDS: Final = (
    CommandEntry("demo", "pipeline.cli.commands.demo:demo", "Play a retailer's day through the whole stack."),
    CommandEntry("up", "pipeline.cli.commands.up:up", "Run the whole stack in the foreground."),
    CommandEntry("emit", "pipeline.cli.commands.emit:emit", "Send NDJSON events from a file or stdin."),
    CommandEntry("import", "pipeline.cli.commands.import_:import_", "Turn a CSV or JSON export into events."),
    CommandEntry("simulate", "pipeline.cli.commands.simulate:simulate", "Write a simulated retailer's events."),
    CommandEntry("settle", "pipeline.cli.commands.settle:settle", "Wait until everything sent is stored."),
    CommandEntry("status", "pipeline.cli.commands.status:status", "Show the health of every part."),
    CommandEntry("query", "pipeline.cli.commands.query:query", "Read from ClickHouse with SQL."),
    CommandEntry("journey", "pipeline.cli.commands.journey:journey", "Show a customer's timeline, frictions marked."),
    CommandEntry("why", "pipeline.cli.commands.why:why", "Explain why identifiers are or are not one customer."),
    CommandEntry("tail", "pipeline.cli.commands.tail:tail", "Watch events, or rejections, as they come."),
    CommandEntry(
        "dead-letters", "pipeline.cli.commands.dead_letters:dead_letters", "List, show and replay what was rejected."
    ),
    CommandEntry("topics", "pipeline.cli.commands.topics:topics", "Create and check the Kafka topics."),
    CommandEntry("migrate", "pipeline.cli.commands.migrate:migrate", "Bring the ClickHouse schema to this version."),
    CommandEntry("config", "pipeline.cli.commands.config:config", "Print settings and where each comes from."),
    CommandEntry("doctor", "pipeline.cli.commands.doctor:doctor", "Check this machine and configuration."),
    CommandEntry("completion", "pipeline.cli.commands.completion:completion", "Print the shell's completion script."),
)
