"""The analysts' views as text, to compare two runs byte by byte."""

from clickhouse_connect.driver.client import Client

from tests.servers.stack import StackProcess

VIEWS = {
    "touchpoints": "* EXCEPT (received_at)",
    "journeys": "*",
    "frictions": "* EXCEPT (detected_at)",
    "identities": "*",
}
"""Every column but those that hold processing times."""

Views = dict[str, list[str]]
"""By view, a JSON object for each row, in order."""


def read_views(stack: StackProcess) -> Views:
    """Every row of every view of a stack."""
    client = stack.client()
    try:
        return views_of(client)
    finally:
        client.close()


def views_of(client: Client) -> Views:
    """Every row of every view of the client's database."""
    return {name: _read(client, name, columns) for name, columns in VIEWS.items()}


def _read(client: Client, view: str, columns: str) -> list[str]:
    text = client.raw_query(f"SELECT {columns} FROM {view} ORDER BY ALL FORMAT JSONEachRow")
    return text.decode().splitlines()
