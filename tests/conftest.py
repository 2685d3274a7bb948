"""Fixtures and settings for all tests."""

import signal
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)  # a shared machine stalls now and then
settings.load_profile("unhurried")

pytest_plugins = ["tests.servers.fixtures"]

LONGEST_FIRST: Final = ("stack", "slow", "server")
"""Slow files run first: two processes share the files, and neither should be left alone with a slow one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files by the marks on their tests; the order within a file stays as it is."""
    marks: dict[str, set[str]] = {}
    for item in items:
        marks.setdefault(_file(item), set()).update(mark.name for mark in item.iter_markers())
    items.sort(key=lambda item: [mark not in marks[_file(item)] for mark in LONGEST_FIRST])


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@pytest.fixture(scope="session", autouse=True)
def hears_ctrl_c() -> Iterator[None]:
    """React to Ctrl-C even if the tests' parent process ignores it, as a shell's background jobs do."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
