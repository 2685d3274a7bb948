"""The analysts' views as text, to compare two runs byte by byte."""

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
    """Every row of every view."""
    return {name: _read(stack, name, columns) for name, columns in VIEWS.items()}


def _read(stack: StackProcess, view: str, columns: str) -> list[str]:
    client = stack.client()
    text = client.raw_query(f"SELECT {columns} FROM {view} ORDER BY ALL FORMAT JSONEachRow")
    client.close()
    return text.decode().splitlines()
