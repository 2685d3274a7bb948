"""`touchline import` against a real broker."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from kafka import KafkaConsumer, TopicPartition

from pipeline.catalogue.topics import RAW_TOPICS, raw_topic
from pipeline.cli.main import touchline
from tests.integration.agents.tansu import create_topics, running_broker

pytestmark = pytest.mark.server

MAPPING = """
name = "orders"
[inputs.orders]
[[events]]
type = "web.order_placed"
id = "{n}/placed"
time = "at"
identifiers.order_id = "n"
data.amount = { column = "amount", as = "money" }
data.currency.constant = "EUR"
[[events]]
type = "delivery.delivered"
id = "{n}/delivered"
time = "at"
identifiers.order_id = "n"
"""
COUNT = 2_000


def received(address: str, topic: str) -> set[str]:
    """The ids of all events in a topic of one partition."""
    consumer = KafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest", enable_auto_commit=False)
    consumer.assign([TopicPartition(topic, 0)])
    found: set[str] = set()
    for _ in range(100):
        records = consumer.poll(timeout_ms=200)
        found |= {event["id"] for batch in records.values() for record in batch for event in orjson.loads(record.value)}
        if len(found) >= COUNT:
            break
    consumer.close()
    return found


def test_everything_arrives_in_the_topics_of_its_families(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.toml").write_text(MAPPING)
    rows = "".join(f"{number},2026-01-01,9.99\n" for number in range(COUNT))
    (tmp_path / "orders.csv").write_text("n,at,amount\n" + rows)
    with running_broker() as address:
        create_topics(address, dict.fromkeys(RAW_TOPICS, 1))
        monkeypatch.setenv("TOUCHLINE_BROKER", address)
        result = CliRunner().invoke(touchline, ["import", "orders.toml", "orders.csv"])
        assert result.exit_code == 0, result.output
        assert "4,000  events" in result.stderr
        assert received(address, raw_topic("web")) == {f"{number}/placed" for number in range(COUNT)}
        assert received(address, raw_topic("delivery")) == {f"{number}/delivered" for number in range(COUNT)}
