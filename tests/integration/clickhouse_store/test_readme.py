"""Every query of the analysts' page runs."""

import json
import re
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

import pipeline.adapters.clickhouse
from pipeline.adapters.clickhouse.store import ClickHouseStore
from pipeline.catalogue.touchpoint import Touchpoint
from tests.contract.samples import CATALOGUE, at_customer, make_event, make_friction, make_journey, make_touch
from tests.servers.clickhouse import ClickHouseProcess

pytestmark = pytest.mark.server
PAGE = Path(pipeline.adapters.clickhouse.__file__).with_name("README.md").read_text()
QUERIES: list[str] = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)

EVALUATED = CATALOGUE | {
    name: Touchpoint(name, "product_page", "evaluate", "first", "web", "e-commerce")
    for name in ("web.product_viewed", "web.searched")
}


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


async def test_an_unresolved_ticket_is_no_order(client: Client) -> None:
    looks = [
        make_touch(make_event(number, type="web.product_viewed", probe=False), journey_id=f"{number:032x}")
        for number in (1, 2)
    ]
    order = make_touch(make_event(3, probe=False), journey_id=f"{2:032x}")
    journeys = [
        msgspec.structs.replace(make_journey(number, outcome="unresolved"), probe=False, status="closed")
        for number in (1, 2)
    ]
    with closing(ClickHouseStore(client, EVALUATED)) as store:
        await store.save(at_customer(*looks, order, journeys=journeys), {3: 1 << 40})
    assert client.query(the_query("AS converted")).result_rows == [(3, 2, 0.5)]


async def test_a_search_that_says_no_number_is_not_fruitless(client: Client) -> None:
    found = [b'{"query":"hose"}', b'{"query":"hose","results":0}', b'{"query":"hose","results":2}']
    searches = [
        make_touch(make_event(number, type="web.searched", probe=False, data=data)) for number, data in enumerate(found)
    ]
    shopper = make_touch(make_event(9, type="web.searched", data=found[1]))
    with closing(ClickHouseStore(client, EVALUATED)) as store:
        await store.save(at_customer(*searches, shopper), {3: 1 << 40})
    assert client.query(the_query("AS fruitless")).result_rows == [("hose", 3, 1)]


def the_query(words: str) -> str:
    (query,) = (query for query in QUERIES if words in query)
    return query


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
