"""ClickHouse: the store, the register of who counts what, the dead letters, and their schema."""
