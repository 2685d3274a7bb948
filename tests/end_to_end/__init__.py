"""The whole stack with real components: embedded broker, workers, ClickHouse engine."""
