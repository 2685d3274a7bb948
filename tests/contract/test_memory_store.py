"""The store in memory keeps the contract."""

import pytest

from pipeline.adapters.memory.store import MemoryStore
from tests.contract.store import StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()
