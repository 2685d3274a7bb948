"""Scenarios of frictions: reads the files in tests/data/scenarios, and plays them in any order."""
