"""What programs of ours show on their pages of metrics."""

import urllib.request
from collections.abc import Iterable, Iterator

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


def exposition(url: str) -> str:
    """The page of the program at an address, such as `http://127.0.0.1:6066`."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=30) as answer:
        body: bytes = answer.read()
    return body.decode()


def samples(urls: Iterable[str], name: str, **labels: str) -> Iterator[Sample]:
    """The samples of a name, with these labels at least, that the programs at some addresses show."""
    for url in urls:
        for family in text_string_to_metric_families(exposition(url)):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    yield sample


def total(urls: Iterable[str], name: str, **labels: str) -> float:
    """The sum of their values."""
    return sum(sample.value for sample in samples(urls, name, **labels))
