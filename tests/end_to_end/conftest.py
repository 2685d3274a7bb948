"""Runs whose results several tests check."""

from pathlib import Path

import pytest

from tests.data.exports import directory
from tests.end_to_end.views import Views, read_views
from tests.servers.stack import StackProcess


@pytest.fixture(scope="session")
def olist_directory() -> Path:
    return directory("olist")


@pytest.fixture(scope="session")
def olist_views(olist_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Views:
    """Every view after Olist was imported in full."""
    with StackProcess(tmp_path_factory.mktemp("olist") / "data") as stack:
        stack.done("import", "olist", str(olist_directory))
        stack.settle()
        return read_views(stack)
