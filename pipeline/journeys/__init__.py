"""Journeys: one customer's events folded into journeys, sessions, outcomes and value."""
