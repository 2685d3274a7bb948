"""Packed mail: many messages per Kafka record, by partition of the mail topic."""
