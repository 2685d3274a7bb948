import socket

import pytest

from pipeline.adapters.stack import ports
from pipeline.adapters.stack.ports import PortInUseError, Wanted, free_port, is_free, require_free
from tests.servers.ports import free_ports


def test_ports_that_are_chosen_together_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    few = range(ports.QUIET_PORTS.start, ports.QUIET_PORTS.start + 100)
    monkeypatch.setattr(ports, "QUIET_PORTS", few)
    spared = few[:40]
    chosen = free_ports(40, besides=spared)
    assert len(set(chosen)) == 40
    assert not set(chosen) & set(spared)


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("2001:db8::1", 9092, "cannot be bound: "),
        ("192.0.2.1", 9092, "cannot be bound: "),
        ("127.0.0.1", 65_536, "is above 65535"),
        ("127..0.1", 9092, "cannot be bound: no host can have such a name"),
    ],
)
def test_a_place_that_is_not_there_is_not_called_taken(host: str, port: int, reason: str) -> None:
    with pytest.raises(PortInUseError) as caught:
        require_free([Wanted(host, port, "the collector", "collector.port", "collector.host")])
    message = str(caught.value)
    assert f"port {port} on {host} {reason}" in message
    assert "taken" not in message
    assert "set collector.host or collector.port in touchline.toml" in message
    assert "TOUCHLINE_COLLECTOR__HOST or TOUCHLINE_COLLECTOR__PORT" in message


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_two_servers_do_not_want_one_port(host: str) -> None:
    port = free_port()
    with pytest.raises(PortInUseError, match=f"port {port} on {host} is for the collector, but worker 1 needs it"):
        require_free(
            [
                Wanted("127.0.0.1", port, "the collector", "collector.port"),
                Wanted("127.0.0.1", free_port(besides=[port]), "worker 0", "web_port"),
                Wanted(host, port, "worker 1", "web_port"),
            ]
        )


@pytest.mark.skipif(not is_free("::1", 0), reason="this machine has no IPv6")
def test_a_port_may_be_of_ipv6() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
        port = other.getsockname()[1]
        assert not is_free("::1", port)
        assert not is_free("::", port)
    assert is_free("::1", port)
