"""A gated broker per test."""

from collections.abc import Iterator

import pytest

from tests.integration.broker.gated import GatedBrokers


@pytest.fixture
def brokers() -> Iterator[GatedBrokers]:
    with GatedBrokers() as gated:
        yield gated
