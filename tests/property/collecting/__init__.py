"""Whatever a request holds."""
