"""Metrics in Prometheus' format."""

from pipeline.adapters.metrics.counting import Metrics
from pipeline.adapters.metrics.declared import METRICS, Metric

__all__ = ["METRICS", "Metric", "Metrics"]
