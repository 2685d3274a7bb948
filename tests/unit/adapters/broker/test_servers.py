"""What clients are told about a cluster."""

import ssl
from pathlib import Path

import msgspec
import pytest

from agents.transport.access import credentials
from pipeline.adapters.broker.servers import access_of, client_options, servers_of
from pipeline.settings.errors import SettingsError
from pipeline.settings.kafka import Kafka
from pipeline.settings.secret import Secret

LOGIN = Kafka(user="touchline", password=Secret("secret"), mechanism="PLAIN")


def test_a_plain_sequence_asks_for_nothing_and_takes_no_idempotent_producers() -> None:
    assert client_options(["a:1"]) == {"bootstrap_servers": ["a:1"], "security_protocol": "PLAINTEXT"}
    assert not access_of(["a:1"]).idempotence


def test_a_cluster_takes_idempotent_producers_unless_told_otherwise() -> None:
    assert access_of(servers_of("kafka://a:1,b:2", Kafka())).idempotence
    assert not access_of(servers_of("kafka://a:1", Kafka(idempotence=False))).idempotence


def test_the_embedded_broker_takes_nothing_of_the_settings() -> None:
    servers = servers_of("embedded://a:1", LOGIN)
    assert tuple(servers) == ("a:1",)
    assert client_options(servers)["security_protocol"] == "PLAINTEXT"
    assert not access_of(servers).idempotence


def test_a_log_in() -> None:
    assert client_options(servers_of("a:1", LOGIN)) == {
        "bootstrap_servers": ["a:1"],
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "touchline",
        "sasl_plain_password": "secret",
    }


def test_tls_checks_certificates_and_names() -> None:
    options = client_options(servers_of("a:1", Kafka(tls=True)))
    assert options["security_protocol"] == "SSL"
    assert options["ssl_context"].verify_mode == ssl.CERT_REQUIRED
    assert options["ssl_context"].check_hostname


@pytest.mark.parametrize("setting", ["ca_file", "certificate_file"])
def test_a_certificate_that_cannot_be_read_is_named(setting: str, tmp_path: Path) -> None:
    absent, text = tmp_path / "absent.pem", tmp_path / "text.pem"
    text.write_text("no certificate")
    for file, reason in ((absent, "No such file"), (text, "PEM|X509|SSL")):
        access = msgspec.structs.replace(Kafka(tls=True), **{setting: str(file)})
        with pytest.raises(SettingsError, match=f"^kafka.{setting}: {file} cannot be read: .*({reason})"):
            client_options(servers_of("a:1", access))


@pytest.mark.parametrize(
    ("access", "protocol"),
    [
        (Kafka(tls=True), "SSL"),
        (LOGIN, "SASL_PLAINTEXT"),
        (Kafka(tls=True, user="touchline", password=Secret("secret")), "SASL_SSL"),
    ],
)
def test_faust_is_told_the_same(access: Kafka, protocol: str) -> None:
    found = credentials(access)
    assert found is not None
    assert found.protocol.value == client_options(servers_of("a:1", access))["security_protocol"] == protocol


def test_faust_is_told_nothing_where_nothing_is_asked_for() -> None:
    assert credentials(Kafka()) is None
