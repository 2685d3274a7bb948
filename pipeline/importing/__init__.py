"""Importing other systems' exports: declarative mappings from rows to touchpoint events."""
