"""Touchline: touchpoint events in, stitched journeys and frictions out."""

__version__ = "0.1.0"
