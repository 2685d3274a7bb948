import logging
from collections.abc import Iterator

import pytest


class _ExceptClients(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not record.name.startswith("kafka")


@pytest.fixture(autouse=True)
def only_what_is_said_here(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Ignore logs of Kafka clients: one that another test in this process left behind may log at any time."""
    with caplog.filtering(_ExceptClients()):
        yield
