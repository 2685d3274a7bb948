"""In-memory adapters, with the contracts of the real ones: for tests, dry runs and offline rebuilds."""
