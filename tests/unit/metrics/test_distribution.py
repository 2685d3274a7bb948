from collections.abc import Sequence

import pytest
from prometheus_client import Histogram

from pipeline.adapters.metrics import Metric, Registry
from pipeline.adapters.metrics.distribution import Distribution

NAME = "age_seconds"
BOUNDS = (0.05, 1.0, 60.0)


def registry(kind: type[Histogram] | type[Distribution]) -> Registry:
    return Registry([Metric(NAME, kind, "Age.", ("source",), BOUNDS)])


def exposed(metrics: Registry, accept: str) -> list[str]:
    return sorted(line for line in metrics.exposition(accept)[0].decode().splitlines() if NAME in line)


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text;version=1.0.0"])
@pytest.mark.parametrize("batches", [[], [[0.0, 0.05, 0.051, 1.0], [59.5, 60.0, 61.0, 3600.0]], [[0.25]]])
def test_it_is_exposed_as_the_clients_histogram_is(batches: Sequence[Sequence[float]], accept: str) -> None:
    one_by_one, at_once = registry(Histogram), registry(Distribution)
    for source in ("web", 'store "7"'):
        for batch in batches:
            at_once.distribution(NAME).observe((source,), batch)
            for value in batch:
                one_by_one.histogram(NAME).labels(source).observe(value)
    assert exposed(at_once, accept) == exposed(one_by_one, accept)
