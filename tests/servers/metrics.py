"""The metrics that the project's programs expose."""

import urllib.request
from collections.abc import Iterable, Iterator

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


def exposition(url: str) -> str:
    """The metrics page of the program at a URL such as `http://127.0.0.1:6066`."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=30) as answer:
        body: bytes = answer.read()
    return body.decode()


def samples(urls: Iterable[str], name: str, **labels: str) -> Iterator[Sample]:
    """The samples with a name and at least these labels, from the programs at some URLs."""
    for url in urls:
        for family in text_string_to_metric_families(exposition(url)):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    yield sample


def total(urls: Iterable[str], name: str, **labels: str) -> float:
    """The sum of the values of `samples`."""
    return sum(sample.value for sample in samples(urls, name, **labels))
