"""Scenarios of frictions: reading the files of tests/data/scenarios, and playing them in any order."""
