"""Previews of the dashboards, drawn from answers that are given."""
