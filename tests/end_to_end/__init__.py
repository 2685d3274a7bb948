"""The whole stack on real parts: embedded broker, workers, ClickHouse engine."""
