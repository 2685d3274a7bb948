"""The benchmarks work at all: two contenders and the complete job, on real servers, at a tiny scale."""

import pytest

from tests.benchmarks.load import fill, retail_records
from tests.benchmarks.peers.contenders import PLAIN_FAUST, TOUCHLINE, count
from tests.benchmarks.scale import TINY
from tests.benchmarks.site import RAW_PARTITIONS, Database, new_broker
from tests.benchmarks.worker import complete_job
from tests.integration.agents.tansu import create_topics
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = [pytest.mark.server, pytest.mark.slow]


def test_everybody_does_the_job_that_is_measured(clickhouse: ClickHouseProcess) -> None:
    records = retail_records(TINY.events)
    with new_broker() as broker:
        create_topics(broker, {"events": RAW_PARTITIONS})
        several = [("events", value) for _, value in records] * (TINY.count_events // len(records) + 1)
        fill(broker, several, RAW_PARTITIONS)
        for contender, events in ((PLAIN_FAUST, TINY.plain_events), (TOUCHLINE, TINY.count_events)):
            counted = count(contender, None, broker, "events", events)
            assert 0 < counted.events < len(several)
            assert counted.rate > 0
        database = Database(clickhouse)
        complete_job(broker, database, records)
        assert database.number("SELECT count() FROM touchpoints") == len(records)
        database.client.close()
