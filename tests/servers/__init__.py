"""Servers that tests start and stop."""
