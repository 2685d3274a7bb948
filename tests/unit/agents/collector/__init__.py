"""Parts of the collector."""
