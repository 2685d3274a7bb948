"""The ingest agents."""

import faust
from faust.types import StreamT

from agents.failure import Failure
from agents.ingest.path import IngestPath
from agents.transport.batch import OrderedBatchSchema
from agents.transport.streams import each_batch
from pipeline.catalogue.topics import raw_topic


def register(app: faust.App, family: str, path: IngestPath, failure: Failure) -> None:
    """Add the agent that takes in a source family's raw topic."""
    name = f"ingest-{family}"
    take = failure.guard(name, path.take)

    async def ingest(stream: StreamT) -> None:
        await each_batch(stream, take)

    app.agent(app.topic(raw_topic(family), schema=OrderedBatchSchema()), name=name)(ingest)
