"""What a stack consists of, decided from the settings."""

import socket
from pathlib import Path

import pytest

from pipeline.adapters.stack.plan import StackPlan, wanted_ports
from pipeline.adapters.stack.ports import PortInUseError, free_port
from pipeline.settings.collector import Collector
from pipeline.settings.model import Embedded, Settings


def plan(settings: Settings, **changes: object) -> StackPlan:
    values: dict[str, object] = {
        "settings": settings,
        "data": Path("/data"),
        "config": None,
        "secret_file": None,
        "environment": {},
    }
    return StackPlan(**{**values, **changes})  # type: ignore[arg-type]  # the defaults of every test


def test_without_addresses_everything_is_embedded() -> None:
    ours = plan(Settings(workers=2))
    assert (ours.embedded_broker, ours.embedded_clickhouse) == (True, True)
    assert (ours.broker, ours.clickhouse) == ("127.0.0.1:9092", "http://default:@127.0.0.1:8123/touchline")
    assert ours.metrics == ("http://127.0.0.1:6066/metrics", "http://127.0.0.1:6067/metrics")


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("::", "[::1]"),
        ("fd00::2", "[fd00::2]"),
    ],
)
def test_workers_are_reached_where_they_listen(host: str, reached: str) -> None:
    ours = plan(Settings(web_host=host))
    assert ours.metrics == (f"http://{reached}:6066/metrics",)
    assert wanted_ports(ours.settings)[-1].host == host


def test_addresses_of_the_settings_count() -> None:
    ours = plan(Settings(broker="kafka:9092", clickhouse="http://ch:8123/db"))
    assert (ours.embedded_broker, ours.embedded_clickhouse) == (False, False)
    assert (ours.broker, ours.clickhouse) == ("kafka:9092", "http://ch:8123/db")


def test_workers_get_the_effective_addresses_over_the_environment() -> None:
    ours = plan(
        Settings(),
        config=Path("/etc/touchline.toml"),
        secret_file=Path("/data/secret"),
        environment={"TOUCHLINE_BROKER": "old", "PATH": "/bin"},
    )
    environment = ours.worker_environment("127.0.0.1:5555")
    assert environment["TOUCHLINE_BROKER"] == "embedded://127.0.0.1:5555"
    assert environment["TOUCHLINE_CONFIG"] == "/etc/touchline.toml"
    assert environment["TOUCHLINE_SECRET_FILE"] == "/data/secret"
    assert environment["PATH"] == "/bin"


def test_the_collector_sends_through_the_gate_and_knows_no_secret() -> None:
    ours = plan(Settings(collector=Collector(port=8081)), secret_file=Path("/data/secret"))
    assert ours.collector == "http://127.0.0.1:8081"
    environment = ours.collector_environment()
    assert environment["TOUCHLINE_BROKER"] == "embedded://127.0.0.1:9092"
    assert environment["TOUCHLINE_COLLECTOR__PORT"] == "8081"
    assert not {"TOUCHLINE_SECRET_FILE", "TOUCHLINE_CLICKHOUSE"} & environment.keys()
    assert plan(Settings(collector=Collector(enabled=False))).collector == ""


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert plan(Settings(collector=Collector(host="::1"))).collector == "http://[::1]:8080"


def test_a_taken_port_names_who_wants_it_and_the_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        embedded = Embedded(broker_port=free_port(), clickhouse_port=port)
        with pytest.raises(PortInUseError) as caught:
            plan(Settings(embedded=embedded, web_port=free_port())).require_ports()
    message = str(caught.value)
    assert f"port {port} on 127.0.0.1 is taken, but the ClickHouse endpoint needs it" in message
    assert "TOUCHLINE_EMBEDDED__CLICKHOUSE_PORT" in message
