"""The store and the register in memory, with the contracts of the real ones: tests compute expected results on them."""
