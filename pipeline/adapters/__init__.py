"""What the pipeline needs of the world: a folder for each system, and modules for this machine's files and clocks."""
