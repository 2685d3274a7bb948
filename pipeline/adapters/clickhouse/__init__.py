"""Clickhouse."""
