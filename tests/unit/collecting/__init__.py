"""The content of requests becomes raw events."""
