"""The fault suite: a cluster under load, things that die, and every row compared afterwards."""
