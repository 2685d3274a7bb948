"""The same small job, to decode and count per key, on each framework: in a process each, as the framework intends."""
