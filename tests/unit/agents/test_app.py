"""How a worker's agents read their topics."""

from types import SimpleNamespace
from typing import Any, cast

from agents.app import Dependencies, create_app
from agents.failure import Failure
from agents.settings import WorkerSettings
from agents.transport.batch import OrderedBatchSchema
from pipeline.adapters.metrics import Metrics
from pipeline.catalogue.topics import MAIL_TOPIC, RAW_TOPICS


def test_raw_events_are_read_in_the_order_of_time_and_mail_as_it_comes() -> None:
    part = cast(Any, SimpleNamespace())
    dependencies = Dependencies(part, part, part, part, part, Metrics({}, ()), Failure())
    app = create_app(WorkerSettings(servers=("127.0.0.1:9",)), dependencies)
    channels = [agent.channel for agent in app.agents.values()]
    ordered = [set(channel.topics) for channel in channels if isinstance(channel.schema, OrderedBatchSchema)]
    assert ordered == [set(RAW_TOPICS)], "one agent takes in what a fetch brings of all of them"
    assert {topic for channel in channels for topic in channel.topics} == {*RAW_TOPICS, MAIL_TOPIC}
