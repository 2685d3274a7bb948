"""The register on ClickHouse keeps the contract, and reads few rows however many there are."""

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.chunks import as_parameter
from pipeline.adapters.clickhouse.register import STANDING, ClickHouseRegister
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


def test_a_friction_is_looked_up_by_its_id_without_reading_the_table(client: Client) -> None:
    client.command(
        "INSERT INTO friction_rows (customer, friction_id, row_version, is_deleted, kind)"
        " SELECT concat('customer_id:', toString(number)), lower(hex(MD5(toString(number)))), 1, 0, 'slow_page'"
        " FROM numbers(200000)"
    )
    there = client.query("SELECT lower(hex(MD5('77')))").result_rows[0][0]
    asked = as_parameter([there, *("f" * 31 + digit for digit in "0123456789")])
    estimated = client.query(f"EXPLAIN ESTIMATE {STANDING}", parameters=asked).result_rows
    assert client.query(STANDING, parameters=asked).result_rows == [(there,)]
    assert sum(rows for _, _, _, rows, _ in estimated) <= 5 * 1024
