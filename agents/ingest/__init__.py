"""Taking in raw touchpoints: one agent per source family over one shared path."""
