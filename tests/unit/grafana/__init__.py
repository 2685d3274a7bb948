"""Previews of the dashboards, drawn from fixed answers."""
