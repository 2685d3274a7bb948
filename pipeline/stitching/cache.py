"""A least-recently-used cache of the busy mailboxes, bounded in bytes."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence

from pipeline.stitching.entry import Entry


class Cache:
    """Entries by identifier. Only `trim` evicts, but not those that its caller names: they are not saved yet."""

    def __init__(self, limit: int, giant: int) -> None:
        """Begin empty.

        Args:
            limit: Bytes that `trim` leaves at most, unless the spared entries take more.
            giant: Bytes from which on an entry tells nothing about the size of the others.
        """
        self.limit = limit
        self.size = 0
        """Bytes of all entries."""
        self.ordinary_size = 0
        """The same, with no entry counted for more than `giant` bytes."""
        self._giant = giant
        self._entries: OrderedDict[str, Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._entries

    def __getitem__(self, identifier: str) -> Entry:
        return self._entries[identifier]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def put(self, entry: Entry) -> None:
        """Add an entry."""
        self._entries[entry.mailbox.identifier] = entry

    def drop(self, identifier: str) -> None:
        """Forget one entry, if it is there."""
        entry = self._entries.pop(identifier, None)
        if entry is not None:
            self._count(entry, 0)

    def used(self, entry: Entry) -> None:
        """Mark an entry as used just now and measure it again."""
        self._entries.move_to_end(entry.mailbox.identifier)
        self._count(entry, entry.size)

    def _count(self, entry: Entry, size: int) -> None:
        self.size += size - entry.counted
        giant, counted = self._giant, entry.counted
        self.ordinary_size += (size if size < giant else giant) - (counted if counted < giant else giant)
        entry.counted = size

    def trim(self, spared: Sequence[Collection[str]] = ()) -> int:
        """Evict the least recently used entries until the rest fits or the next one is spared; returns how many.

        Args:
            spared: Collections of identifiers that were used last, and must stay.
        """
        before = len(self._entries)
        while self.size > self.limit and self._entries:
            oldest = next(iter(self._entries))
            if any(oldest in identifiers for identifiers in spared):
                break
            self.drop(oldest)
        return before - len(self._entries)

    def drop_partitions(self, partitions: Iterable[int]) -> None:
        """Forget every mailbox of these partitions: another worker may have changed it, or may from now on."""
        gone = set(partitions)
        for identifier in [name for name, entry in self._entries.items() if entry.partition in gone]:
            self.drop(identifier)
