"""The stack on one machine: broker, gate, ClickHouse endpoint and workers, started, watched and stopped."""
