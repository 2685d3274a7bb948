"""Adapters to the outside world: a subpackage per external system, and modules for this machine's files and clocks."""
