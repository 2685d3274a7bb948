"""The store and the register in memory, with the contracts of the real ones: tests compute with them what must be."""
