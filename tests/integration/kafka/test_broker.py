"""Topics, producing, lag and settling on Apache Kafka."""

import orjson
import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.ledger import settle
from pipeline.adapters.broker.producer import EventProducer
from pipeline.adapters.broker.servers import Servers
from pipeline.adapters.broker.settle import SettleTimeoutError
from pipeline.adapters.broker.topics import MAIL_MESSAGE_BYTES, check_topics, ensure_topics
from pipeline.adapters.broker.watching import oldest_at
from pipeline.catalogue.topics import RAW_TOPICS
from tests.integration.broker.gated import committing_workers, read_everything
from tests.integration.kafka.conftest import TOPICS

pytestmark = [pytest.mark.server, pytest.mark.slow]

GROUP = "touchline"
EVENTS = 2_000


def test_creating_topics_twice_changes_nothing(servers: Servers) -> None:
    with BrokerAdmin(servers) as admin:
        before = admin.topic_id("touchline.mail")
        assert before
        assert [state.created for state in ensure_topics(admin, TOPICS)] == [False] * 9
        assert all(state.fits for state in check_topics(admin, TOPICS))
        assert admin.topic_id("touchline.mail") == before


def test_mail_may_be_larger_than_the_brokers_default(servers: Servers) -> None:
    client = KafkaAdminClient(bootstrap_servers=list(servers))
    try:
        asked = [ConfigResource(ConfigResourceType.TOPIC, "touchline.mail")]
        assert str(MAIL_MESSAGE_BYTES) in str(client.describe_configs(asked))
    finally:
        client.close()


def test_events_arrive_once_and_in_order_by_an_idempotent_producer(servers: Servers) -> None:
    with EventProducer(servers) as producer:
        for number in range(EVENTS):
            producer.send("touchpoints.web", orjson.dumps({"n": number}))
    assert (producer.accepted, producer.failed) == (EVENTS, 0)
    values = read_everything(servers[0], ["touchpoints.web"], EVENTS)
    assert sorted(one["n"] for value in values for one in orjson.loads(value)) == list(range(EVENTS))


def test_ends_and_ages_are_what_was_sent(servers: Servers) -> None:
    with BrokerAdmin(servers) as admin:
        positions = [("touchpoints.store", partition) for partition in range(2)]
        before = admin.ends(positions)
        with EventProducer(servers) as producer:
            producer.send("touchpoints.store", b'{"n":1}')
        grown = {place: end for place, end in admin.ends(positions).items() if end > before[place]}
    ((place, end),) = grown.items()
    assert end == before[place] + 1
    assert oldest_at(servers, {place: before[place]}, 10).keys() == {place}


def test_settling_waits_for_whoever_commits(servers: Servers) -> None:
    with EventProducer(servers) as producer:
        producer.send("touchpoints.web", b'{"n":1}')
    with pytest.raises(SettleTimeoutError) as caught:
        settle(servers, GROUP, 1)
    assert {lag.topic for lag in caught.value.lags} == set(RAW_TOPICS)
    with committing_workers(servers[0], GROUP):
        assert settle(servers, GROUP, 60).quiet
        assert settle(servers, GROUP, 60).rounds == 1
