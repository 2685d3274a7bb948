"""Makes the pictures in grafana/previews: `python -m tests.previews`, about a quarter of an hour."""
