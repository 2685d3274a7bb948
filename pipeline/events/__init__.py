"""Touchpoint events: from the bytes of a message to an accepted event or a rejection."""
