"""`python -m agents.collector`: runs the collector. Only here is the environment read."""

import asyncio
import logging
import os
from pathlib import Path

import click

from agents.collector.server import serve
from agents.logs import log_as
from pipeline.adapters.allocator import keep_heap_compact
from pipeline.adapters.configuration import load_settings
from pipeline.adapters.serving.server import log_damage_in_a_line
from pipeline.settings.errors import SettingsError

log = logging.getLogger("touchline.collector")

FAILED = 1
WRONG_USAGE = 2


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of the settings.")
@click.option("--verbose", is_flag=True, help="Log what the clients say, too.")
def main(config: Path | None, verbose: bool) -> None:
    """Take events in over HTTP and pass them to their topics, until told to stop (SIGTERM, Ctrl-C)."""
    log_as("collector", verbose)
    keep_heap_compact()
    log_damage_in_a_line()
    logging.getLogger("aiokafka").setLevel(logging.INFO if verbose else logging.CRITICAL)  # `Broker` logs outages, once
    try:
        asyncio.run(serve(load_settings(config, os.environ).settings))
    except (SettingsError, ValueError) as error:
        log.error("the collector cannot start: %s", error)
        raise SystemExit(WRONG_USAGE) from error
    except OSError as error:
        log.error("the collector cannot start: %s", error)
        raise SystemExit(FAILED) from error
    except Exception as error:  # a bug: the supervisor restarts it
        log.exception("the collector ends")
        raise SystemExit(FAILED) from error


if __name__ == "__main__":
    main()
