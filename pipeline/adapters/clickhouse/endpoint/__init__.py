"""An HTTP server that speaks ClickHouse's interface in front of the engine in this process."""
