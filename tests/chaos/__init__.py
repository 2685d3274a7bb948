"""The fault suite: faults strike a cluster under load, and every row is compared afterwards."""
