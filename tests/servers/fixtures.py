"""Fixtures over real servers; a test that uses one is marked `server` or `stack`."""

from collections.abc import Iterator

import pytest

from tests.servers.clickhouse import ClickHouseProcess


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseProcess]:
    """One endpoint for the whole session; use databases of your own in it, and do not stop it."""
    with ClickHouseProcess(tmp_path_factory.mktemp("clickhouse") / "data") as process:
        yield process
