"""The register on ClickHouse keeps the contract, and reads few rows however many there are."""

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.register import ClickHouseRegister
from pipeline.adapters.clickhouse.store import ClickHouseStore
from tests.contract.register import RegisterContract

pytestmark = pytest.mark.server


class TestClickHouseRegister(RegisterContract):
    @pytest.fixture
    def store(self, store: ClickHouseStore) -> ClickHouseStore:
        return store

    @pytest.fixture
    def register(self, client: Client) -> ClickHouseRegister:
        return ClickHouseRegister(client)
