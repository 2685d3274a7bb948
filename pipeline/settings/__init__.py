"""Settings: defaults, a TOML file and the environment laid over each other, typed, with the origin of each value."""
