"""The register in memory keeps the contract."""

import pytest

from pipeline.adapters.memory.register import MemoryRegister
from pipeline.adapters.memory.store import MemoryStore
from tests.contract.register import RegisterContract


class TestMemoryRegister(RegisterContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()

    @pytest.fixture
    def register(self, store: MemoryStore) -> MemoryRegister:
        return MemoryRegister(store)
