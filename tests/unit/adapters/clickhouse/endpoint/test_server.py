"""The routes of the endpoint."""

import warnings
from pathlib import Path
from unittest.mock import create_autospec

import pytest

from pipeline.adapters.clickhouse.endpoint import server
from pipeline.adapters.clickhouse.endpoint.engine import Engine
from pipeline.adapters.clickhouse.endpoint.permission import ReadPermission
from pipeline.adapters.clickhouse.endpoint.server import EndpointPolicy, create_application
from pipeline.adapters.clickhouse.endpoint.threads import EngineThreads


def test_handlers_are_of_a_kind_that_aiohttp_goes_on_taking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ReadPermission", create_autospec(ReadPermission))
    engine, threads = create_autospec(Engine, instance=True), create_autospec(EngineThreads, instance=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        create_application(engine, threads, EndpointPolicy(tmp_path))
