"""What identifies a partition."""

Position = tuple[str, int]
"""A topic and a partition of it."""
