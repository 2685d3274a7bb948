import pytest

from pipeline.adapters.stack import ports
from pipeline.adapters.stack.ports import PortInUseError, Wanted, free_port, free_ports, require_free


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
        ("::1", 9092, "cannot be had: "),
        ("192.0.2.1", 9092, "cannot be had: "),
        ("127.0.0.1", 65_536, "is beyond"),
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


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_two_servers_do_not_want_one_port(host: str) -> None:
    port = free_port()
    with pytest.raises(PortInUseError, match=f"port {port} on {host} is for the collector, and worker 1 wants it"):
        require_free(
            [
                Wanted("127.0.0.1", port, "the collector", "collector.port"),
                Wanted("127.0.0.1", free_port(besides=[port]), "worker 0", "web_port"),
                Wanted(host, port, "worker 1", "web_port"),
            ]
        )
