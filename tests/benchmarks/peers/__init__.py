"""The same small job, decode and count per key, on each framework: a process each, in the framework's own way."""
