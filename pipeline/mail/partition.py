"""Which partition of the mail topic a mailbox lives in."""

from zlib import crc32


def partition_of(identifier: str, partitions: int) -> int:
    """The partition of a mailbox: fixed for as long as the mail topic keeps its number of partitions."""
    return crc32(identifier.encode()) % partitions
