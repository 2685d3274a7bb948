"""What happens between people and the simulated retailer, one kind of encounter per file."""
