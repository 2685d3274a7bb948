"""The store on ClickHouse keeps the contract."""

import pytest

from pipeline.adapters.clickhouse.store import ClickHouseStore
from tests.contract.store import StoreContract

pytestmark = pytest.mark.server


class TestClickHouseStore(StoreContract):
    @pytest.fixture
    def store(self, store: ClickHouseStore) -> ClickHouseStore:
        return store
