"""What HTTP requests hold: CloudEvents in every content mode and Segment's calls become raw events."""
