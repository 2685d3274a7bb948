"""Kafka brokers: how to reach them, topics, and what of them is stored; and the embedded one."""
