"""The workers: Faust agents that take in touchpoints and stitch them into journeys."""
