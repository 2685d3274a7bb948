"""ClickHouse: the store, the register of what was counted, the dead letters, and their schema."""
