"""Builds a worker from the settings: the one place where the parts meet their adapters."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.app import Dependencies, WorkerApp, create_app
from agents.failure import Failure
from agents.settings import MEBIBYTE, worker_settings
from agents.store_watch import StoreWatch
from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.clickhouse.consistency import read_what_was_written
from pipeline.adapters.clickhouse.dead_letters import ClickHouseDeadLetters
from pipeline.adapters.clickhouse.lean import without_data_frames
from pipeline.adapters.clickhouse.namespaces import require_namespaces
from pipeline.adapters.clickhouse.placement import require_partitions
from pipeline.adapters.clickhouse.register import ClickHouseRegister
from pipeline.adapters.clickhouse.standing import standing
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.adapters.configuration import data_directory
from pipeline.adapters.detectors import installed_detectors
from pipeline.adapters.metrics import Metrics
from pipeline.adapters.secret import secret_key
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.events.intake import Intake
from pipeline.journeys.rules import Rules
from pipeline.settings.model import Settings
from pipeline.stitching.stitcher import Stitcher, StitchPolicy

STATEMENTS: Final = {"max_threads": "1", "use_query_condition_cache": "0"}
"""ClickHouse settings for a worker's statements. Statements run concurrently, so more threads for one of them only add
cost. Each asks for different customers, so no statement would reuse the query conditions cached for another."""


@dataclass(frozen=True)
class Worker:
    """A worker that is ready to run."""

    app: WorkerApp
    failure: Failure
    stop_seconds: float


@contextmanager
def assembled(settings: Settings, index: int) -> Iterator[Worker]:
    """Build a worker with its connections, and close them afterwards.

    Raises:
        SettingsError: The secret is missing or too short, or a certificate cannot be read.
        ValueError: An address is missing or malformed, or mailboxes were stored with another number of mail partitions.
        CatalogueError: A schema is wrong.
        ClusterError: The shards of ClickHouse's cluster have different numbers of replicas.
        DetectorError: An installed friction detector cannot be used.
        UnknownNamespaceError: Stored identifiers have namespaces that the settings lack.
        StoreUnavailableError: ClickHouse cannot be reached.
        StoreRejectedError: The database is not migrated, or may not be read.
    """
    own = worker_settings(settings, index)
    catalogue = Catalogue.load(schema_directories(Path(name).expanduser() for name in settings.schemas))
    secret = secret_key(settings, data_directory(settings))
    without_data_frames()
    with ExitStack() as connections:
        client = connect(settings.clickhouse, settings=STATEMENTS)
        connections.callback(client.close)
        read_what_was_written(client)
        require_partitions(client, own.mail_partitions)
        require_namespaces(client, settings.identity.namespaces)
        metrics = Metrics(catalogue.touchpoints, settings.identity.namespaces)
        store = ClickHouseStore(client, catalogue.touchpoints, sink=metrics)
        connections.callback(store.close)
        watched = StoreWatch(store)
        dead_letters = ClickHouseDeadLetters(client, metrics)
        failure = Failure()
        rules = Rules.of(settings.journey_policy, settings.frictions, installed_detectors())
        dependencies = Dependencies(
            intake=Intake(catalogue, settings.identity, settings.intake, secret),
            identity=settings.identity,
            stitcher=Stitcher(
                watched,
                catalogue.touchpoints,
                settings.identity,
                rules,
                own.mail_partitions,
                StitchPolicy(cache_bytes=settings.worker_cache_mib * MEBIBYTE),
            ),
            register=ClickHouseRegister(client, metrics),
            dead_letters=dead_letters,
            metrics=metrics,
            failure=failure,
            standing=lambda: standing(client),
            store_answers=lambda: watched.available and client.ping(),
        )
        yield Worker(create_app(own, dependencies), failure, own.stop_timeout_ms / 1000)
