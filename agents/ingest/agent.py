"""The agent that takes in raw touchpoints."""

from collections.abc import Iterable
from typing import Final

import faust
from faust.types import StreamT

from agents.failure import Failure
from agents.ingest.path import IngestPath
from agents.transport.batch import OrderedBatchSchema
from agents.transport.streams import each_group
from pipeline.catalogue.topics import raw_topic

GROUP_BYTES: Final = 2 * 1024 * 1024
"""Values of records that are taken in at once, give or take a batch."""
LINGER_SECONDS: Final = 0.02
"""How long batches are gathered otherwise: those that one fetch has brought come within some milliseconds."""


def register(app: faust.App, families: Iterable[str], path: IngestPath, failure: Failure) -> None:
    """Add one agent for the raw topics of all source families.

    What a fetch brings of all partitions is taken in at once: each time, a record of mail is sent to each mail
    partition, and small records cost worker and broker most. An agent per family, which took one batch after the other,
    sent five times as many under live traffic: at half of the capacity it took a tenth more of the worker's CPU, and
    99 % of the frictions were counted 0.3 s later.
    """
    take = failure.guard("ingest", path.take)

    async def ingest(stream: StreamT) -> None:
        await each_group(stream, take, GROUP_BYTES, lambda: LINGER_SECONDS)

    app.agent(app.topic(*map(raw_topic, families), schema=OrderedBatchSchema()), name="ingest")(ingest)
