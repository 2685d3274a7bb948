"""Requests with arbitrary content."""
