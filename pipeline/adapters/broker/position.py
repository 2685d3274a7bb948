"""A place in a topic."""

Position = tuple[str, int]
"""A topic and a partition of it."""
