"""The command line: `touchline`."""
