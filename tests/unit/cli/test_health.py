"""Which parts `touchline status` asks."""

from pathlib import Path

import pytest

from pipeline.adapters.stack.ports import free_port
from pipeline.cli.context import Context
from pipeline.cli.health import gather_health


def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: str) -> Context:
    """Of a machine on which no stack runs and nothing answers."""
    monkeypatch.chdir(tmp_path)
    asked = Context()
    asked.override(
        data=str(tmp_path), broker=broker, clickhouse=f"http://127.0.0.1:{free_port()}/touchline", web_port=free_port()
    )
    return asked


def test_workers_of_a_cluster_run_elsewhere_and_are_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = context(tmp_path, monkeypatch, broker=f"127.0.0.1:{free_port()}")
    health = gather_health(asked)
    assert health.workers == []
    assert not health.broker.reachable
    assert not health.healthy


def test_workers_of_an_embedded_stack_are_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = context(tmp_path, monkeypatch, broker="")
    asked.override(embedded={"broker_port": free_port()})
    (worker,) = gather_health(asked).workers
    assert worker.problem == "it does not answer"
