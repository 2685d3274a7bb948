"""The counters of frictions: what a worker shows, and what scenarios expect."""

from collections import Counter
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from pipeline.frictions.friction import Friction
from tests.scenarios.scenario import Scenario

_LABELS = ("kind", "touchpoint", "owner", "channel", "severity", "probe")
Labels = tuple[tuple[str, str], ...]
"""A series' labels in order of their names."""


def counted(exposition: str) -> tuple[Counter[Labels], Counter[str]]:
    """Frictions raised by labels, and withdrawn by kind, from a page of metrics."""
    raised: Counter[Labels] = Counter()
    withdrawn: Counter[str] = Counter()
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            if sample.name == "touchline_frictions_total":
                raised[tuple(sorted(sample.labels.items()))] += int(sample.value)
            elif sample.name == "touchline_friction_withdrawn_total":
                withdrawn[sample.labels["kind"]] += int(sample.value)
    return raised, withdrawn


def labels_of(friction: Friction) -> Labels:
    """The series that counts a friction."""
    return _sorted({name: getattr(friction, name) for name in _LABELS})


def expected_labels(scenario: Scenario) -> Counter[Labels]:
    """The series that count what a scenario finds if it is played in order."""
    found = (*scenario.frictions, *scenario.withdrawn)
    return Counter(_sorted({name: getattr(one, name) for name in _LABELS} | dict(one.first)) for one in found)


def _sorted(labels: Mapping[str, object]) -> Labels:
    """As the exposition has them: the probe is 0 or 1."""
    return tuple(
        sorted((name, str(int(value) if isinstance(value, bool) else value)) for name, value in labels.items())
    )
