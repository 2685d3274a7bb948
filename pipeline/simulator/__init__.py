"""A simulated retailer: seeded days of touchpoints over every channel, with the truth about who is who beside them."""
