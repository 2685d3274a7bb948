"""Taking in raw touchpoints."""
