"""`python -m agents worker`: runs one worker process. Only here are settings read from the environment."""

import asyncio
import logging
import os
from pathlib import Path

import click

from agents.assembly import assembled
from agents.logs import log_to_stderr
from agents.worker import FAILED, end, run_and_exit
from pipeline.adapters.allocator import keep_heap_compact
from pipeline.adapters.clickhouse.cluster import ClusterError
from pipeline.adapters.configuration import load_settings
from pipeline.adapters.detectors import DetectorError
from pipeline.catalogue.error import CatalogueError
from pipeline.identity.policy import UnknownNamespaceError
from pipeline.settings.errors import SettingsError
from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError

log = logging.getLogger("touchline.worker")

WRONG_USAGE = 2


@click.group()
def main() -> None:
    """Touchline's workers."""


@main.command()
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of the settings.")
@click.option("--index", type=click.IntRange(min=0), default=0, help="Number of the worker on this machine, from 0.")
@click.option("--verbose", is_flag=True, help="Log what Faust and the clients say, too.")
def worker(config: Path | None, index: int, verbose: bool) -> None:
    """Take in touchpoints and stitch journeys until told to stop (SIGTERM, Ctrl-C)."""
    log_to_stderr(index, verbose)
    keep_heap_compact()
    try:
        with assembled(load_settings(config, os.environ).settings, index) as built:
            asyncio.run(run_and_exit(built.app, built.failure, built.stop_seconds))
    except (SettingsError, CatalogueError, ClusterError, DetectorError, UnknownNamespaceError, ValueError) as error:
        log.error("the worker cannot start: %s", error)
        end(WRONG_USAGE)
    except StoreUnavailableError as error:
        log.error("the worker cannot start: %s", error)
        end(FAILED)
    except StoreRejectedError as error:
        log.error("the worker cannot start; is the database migrated (`touchline migrate`)? %s", error)
        end(FAILED)


if __name__ == "__main__":
    main()
