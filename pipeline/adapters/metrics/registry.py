"""Declared metrics in a registry of their own, and how a process exposes them."""

from collections.abc import Collection, Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import choose_encoder

from pipeline.adapters.metrics.declared import Metric
from pipeline.adapters.metrics.distribution import Distribution


class Registry:
    """The declared metrics, and the Prometheus client's metrics of the process."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        """Register every metric; series with labels appear when first counted, or by `show`."""
        disable_created_metrics()  # type: ignore[no-untyped-call] # not annotated by the client
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        self._distributions: dict[str, Distribution] = {}
        for metric in metrics:
            self._register(metric)

    def counter(self, name: str) -> Counter:
        """A declared counter by its full name.

        Raises:
            KeyError: It is not declared, or no counter; the same for the other kinds.
        """
        return self._counters[name]

    def gauge(self, name: str) -> Gauge:
        """A declared gauge by name."""
        return self._gauges[name]

    def histogram(self, name: str) -> Histogram:
        """A declared histogram by name."""
        return self._histograms[name]

    def distribution(self, name: str) -> Distribution:
        """A declared distribution by name."""
        return self._distributions[name]

    def show(self, name: str, labels: Sequence[str]) -> None:
        """Expose a series of a counter or histogram at 0 before anything is counted."""
        (self._counters.get(name) or self._histograms[name]).labels(*labels)

    def exposition(self, accept: str = "", names: Collection[str] = ()) -> tuple[bytes, str]:
        """All metrics, and their content type: OpenMetrics with exemplars if the client accepts it, else plain text.

        Args:
            accept: The request's `Accept` header.
            names: Only these series, as in the Prometheus client's own `/metrics?name[]=…`; empty: all.
        """
        encode, content_type = choose_encoder(accept)
        return encode(self.registry.restricted_registry(names) if names else self.registry), content_type

    def _register(self, metric: Metric) -> None:
        if metric.kind is Histogram:
            self._histograms[metric.name] = Histogram(
                metric.name, metric.help, metric.labels, registry=self.registry, buckets=metric.buckets
            )
        elif metric.kind is Distribution:
            made = Distribution(metric.name, metric.help, metric.labels, metric.buckets)
            self.registry.register(made)
            self._distributions[metric.name] = made
        elif metric.kind is Counter:
            self._counters[metric.name] = Counter(metric.name, metric.help, metric.labels, registry=self.registry)
        else:
            self._gauges[metric.name] = Gauge(metric.name, metric.help, metric.labels, registry=self.registry)
