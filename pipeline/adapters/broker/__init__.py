"""Kafka brokers: connections, topics, producing, waiting until everything is stored; and the embedded broker."""
