"""Draws previews of the dashboards with live data, without Grafana: `python -m grafana.preview`."""
