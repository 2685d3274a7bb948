import pytest

from pipeline.adapters.stack import ports
from pipeline.adapters.stack.ports import free_ports


def test_ports_that_are_chosen_together_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    few = range(ports.QUIET_PORTS.start, ports.QUIET_PORTS.start + 100)
    monkeypatch.setattr(ports, "QUIET_PORTS", few)
    spared = few[:40]
    chosen = free_ports(40, besides=spared)
    assert len(set(chosen)) == 40
    assert not set(chosen) & set(spared)
