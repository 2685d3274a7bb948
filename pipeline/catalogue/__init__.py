"""The catalogue of event types: one JSON Schema per type, with the touchpoint it belongs to."""
