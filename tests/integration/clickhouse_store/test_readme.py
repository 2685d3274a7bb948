"""Every query of the analysts' page runs."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

import pipeline.adapters.clickhouse
from pipeline.adapters.clickhouse.store import ClickHouseStore
from tests.contract.samples import at_customer, make_event, make_friction, make_journey, make_touch
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server
PAGE = Path(pipeline.adapters.clickhouse.__file__).with_name("README.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


def test_there_are_a_dozen() -> None:
    assert len(QUERIES) >= 12


async def test_they_run(client: Client, store: ClickHouseStore) -> None:
    await store.save(
        at_customer(make_touch(make_event(probe=False)), journeys=[make_journey()], frictions=[make_friction()]),
        {3: 1 << 40},
    )
    for query in QUERIES:
        answer = json.loads(client.raw_query(query, fmt="JSON"))
        assert answer["meta"], query


async def test_python_reads_as_it_says(
    clickhouse: ClickHouseProcess, migrated: str, store: ClickHouseStore, capsys: pytest.CaptureFixture[str]
) -> None:
    journey = msgspec.structs.replace(make_journey(outcome="returned"), probe=False)
    await store.save(at_customer(make_touch(make_event(probe=False)), journeys=[journey]), {3: 1 << 40})
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    here = code.replace("port=8123", f"port={clickhouse.port}").replace(
        'database="touchline"', f'database="{migrated}"'
    )
    exec(here, {})
    printed = capsys.readouterr().out
    assert "returned" in printed
    assert "web.order_placed" in printed


@pytest.mark.parametrize("view", ["touchpoints", "journeys", "frictions", "identities", "dead_letters"])
def test_the_page_names_every_column(client: Client, view: str) -> None:
    (line,) = re.findall(rf"^\| `{view}` \| an? .*$", PAGE, re.MULTILINE)
    columns = client.query(f"DESCRIBE {view}").result_columns[0]
    assert [column for column in columns if f"`{column}`" not in line] == []
