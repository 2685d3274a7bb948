"""Metrics in Prometheus' format."""

from pipeline.adapters.metrics.counting import Metrics
from pipeline.adapters.metrics.declared import METRICS, Metric
from pipeline.adapters.metrics.registry import Registry

__all__ = ["METRICS", "Metric", "Metrics", "Registry"]
