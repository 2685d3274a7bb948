"""Grafana dashboards of Touchline."""
