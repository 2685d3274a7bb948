"""A cluster that asks for a log-in over TLS: every client of ours can, and nobody else."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import orjson
import pytest

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.servers import Servers
from pipeline.settings.kafka import Kafka, Mechanism
from pipeline.settings.secret import Secret
from tests.end_to_end.events import event
from tests.servers.certificates import make_authority, make_certificate
from tests.servers.fixtures import new_kafka
from tests.servers.http import post_json
from tests.servers.kafka import KafkaCluster
from tests.servers.stack import StackProcess

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made by openssl"),
]

PASSWORD = "not so secret"
PLAIN_USERS = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_touchline="{PASSWORD}";'
SCRAM_USERS = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
"""No name in it: the broker keeps them among its own data."""
SCRAM: tuple[Mechanism, ...] = ("SCRAM-SHA-256", "SCRAM-SHA-512")
MECHANISMS: tuple[Mechanism, ...] = ("PLAIN", *SCRAM)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def cluster(authority: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    certificate = make_certificate(tmp_path_factory.mktemp("broker"), authority, "127.0.0.1")
    secured = {
        "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        "plain.sasl.jaas.config": PLAIN_USERS,
        **{f"{mechanism.lower()}.sasl.jaas.config": SCRAM_USERS for mechanism in SCRAM},
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(certificate),
    }
    credentials = [f"{mechanism}=[name=touchline,password={PASSWORD}]" for mechanism in SCRAM]
    with new_kafka(tmp_path_factory.mktemp("secured") / "cluster", secured=secured, scram=credentials) as started:
        yield started


@pytest.fixture(scope="module", params=MECHANISMS)
def access(authority: Path, request: pytest.FixtureRequest) -> Kafka:
    return Kafka(tls=True, ca_file=str(authority), user="touchline", password=Secret(PASSWORD), mechanism=request.param)


def test_who_knows_the_password_comes_in(cluster: KafkaCluster, access: Kafka) -> None:
    with BrokerAdmin(Servers(cluster.secured_servers, access)) as admin:
        admin.partitions()


@pytest.mark.parametrize(
    "wrong",
    [{"password": Secret("guessed")}, {"user": ""}, {"tls": False}, {"ca_file": ""}],
    ids=lambda one: next(iter(one)),
)
def test_nobody_else_does(cluster: KafkaCluster, access: Kafka, wrong: dict[str, object]) -> None:
    with (
        pytest.raises(BrokerUnavailableError),
        BrokerAdmin(Servers(cluster.secured_servers, msgspec.structs.replace(access, **wrong))) as admin,
    ):
        admin.partitions()


def test_the_whole_stack_works_on_it(cluster: KafkaCluster, access: Kafka, tmp_path: Path) -> None:
    settings = {
        "KAFKA__TLS": "true",
        "KAFKA__CA_FILE": access.ca_file,
        "KAFKA__USER": access.user,
        "KAFKA__PASSWORD": PASSWORD,
        "KAFKA__MECHANISM": access.mechanism,
    }
    servers = cluster.secured_servers
    with StackProcess(tmp_path / "data", settings=settings, broker=servers, collector=True) as stack:
        sent = event("web.page_viewed", "view-1", "2026-03-01T10:00:00Z", {"anonymous_id": "a"}, url="/")
        stack.done("emit", given=orjson.dumps(sent))
        assert post_json(stack.collector_port, "/v1/events", {**sent, "id": "view-2"}).status == 202
        stack.done("settle", "--timeout", "120")
        assert stack.rows("SELECT event_id FROM touchpoints ORDER BY 1") == [("view-1",), ("view-2",)]
        assert PASSWORD.encode() not in stack.touchline("config").stdout
        assert PASSWORD not in stack.log("worker-0") + stack.log("collector") + stack.output()
