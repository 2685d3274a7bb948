"""Addresses of brokers as people write them."""

import pytest

from pipeline.adapters.broker.addresses import bootstrap_servers


@pytest.mark.parametrize(
    ("written", "servers"),
    [
        ("host:9092", ["host:9092"]),
        ("kafka://a:1,b:2", ["a:1", "b:2"]),
        ("tcp://a", ["a:9092"]),
        (" a:1 , b ", ["a:1", "b:9092"]),
    ],
)
def test_reads(written: str, servers: list[str]) -> None:
    assert bootstrap_servers(written) == servers


@pytest.mark.parametrize(
    "written",
    [
        "",
        "kafka://",
        ",",
        "host:port",
        ":9092",
        "host:0",
        "host:99999",
        "a host",
        "http://host:8123",
        "kafka://a,tcp://b",
    ],
)
def test_refuses(written: str) -> None:
    with pytest.raises(ValueError, match="host:9092 expected"):
        bootstrap_servers(written)
