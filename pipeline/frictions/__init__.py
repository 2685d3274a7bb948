"""Frictions: signs that something cost a customer effort, time or trust."""
