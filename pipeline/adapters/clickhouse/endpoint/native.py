"""Blocks of the Native format for clients that speak a later revision of the protocol than the engine writes.

The engine writes revision 0. Go's client, and with it Grafana's plugin, always reads a later one, in which each block
begins with block info and each column names its serialisation. To insert these, the columns' bounds must be found.
Source: ClickHouse's `NativeWriter`, and `lib/proto/block.go` of clickhouse-go.
"""

from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError
from pipeline.adapters.clickhouse.endpoint.native_type import NativeType, parse

FIRST_REVISION = 54454
"""The first in which columns name their serialisation. Clients that ask for an earlier one get revision 0."""

_BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"
"""Field 1, is_overflows: no; field 2, bucket_num: -1; the end."""
_PLAIN = b"\x00"
_MORE_KEYS = 1 << 9
"""Flag of a low-cardinality column: its dictionary comes with it."""


def reframed(data: bytes) -> bytes:
    """Whole blocks of revision 0 as blocks of `FIRST_REVISION` and later.

    Raises:
        EngineError: A column has a type whose bounds cannot be found.
    """
    reader = _Reader(data)
    out = bytearray()
    while reader.position < len(data):
        out += _BLOCK_INFO
        start = reader.position
        columns, rows = reader.number(), reader.number()
        for _ in range(columns):
            reader.skip(reader.number())
            name = reader.text()
            out += data[start : reader.position] + _PLAIN
            start = reader.position
            if rows:
                kind = parse(name)
                _skip_states(reader, kind)
                _skip_values(reader, kind, rows)
        out += data[start : reader.position]
    assert reader.position == len(data), "the data end within a block"
    return bytes(out)


class _Reader:
    """A reading position in the data."""

    def __init__(self, data: bytes) -> None:
        self.position = 0
        self._data = data

    def number(self) -> int:
        """An integer of variable length."""
        found = shift = 0
        while True:
            byte = self._data[self.position]
            self.position += 1
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                return found
            shift += 7

    def long(self) -> int:
        """An integer of eight bytes."""
        self.position += 8
        return int.from_bytes(self._data[self.position - 8 : self.position], "little")

    def text(self) -> str:
        """A string."""
        size = self.number()
        self.position += size
        return self._data[self.position - size : self.position].decode()

    def skip(self, size: int) -> None:
        """Skip so many bytes."""
        self.position += size


def _skip_states(reader: _Reader, kind: NativeType) -> None:
    """Skip what precedes the values of a column, for its type and the types it is made of."""
    if kind.name == "LowCardinality":
        reader.skip(8)
        return
    for part in kind.parts:
        _skip_states(reader, part)


def _skip_values(reader: _Reader, kind: NativeType, rows: int) -> None:
    if kind.width:
        reader.skip(kind.width * rows)
    elif kind.name == "String":
        for _ in range(rows):
            reader.skip(reader.number())
    elif kind.name == "Nullable":
        reader.skip(rows)
        _skip_values(reader, kind.parts[0], rows)
    elif kind.name == "Tuple":
        for part in kind.parts:
            _skip_values(reader, part, rows)
    elif kind.name == "Array":
        reader.skip(8 * (rows - 1))
        if total := reader.long():
            _skip_values(reader, kind.parts[0], total)
    elif kind.name == "LowCardinality":
        _skip_dictionary(reader, kind.parts[0], rows)
    else:
        text = f"A column of type {kind.name} cannot be sent in this revision of the protocol; convert it to String"
        raise EngineError.of(Code.NOT_IMPLEMENTED, text)


def _skip_dictionary(reader: _Reader, kind: NativeType, rows: int) -> None:
    keys = kind.parts[0] if kind.name == "Nullable" else kind
    while rows > 0:
        flags = reader.long()
        if flags & _MORE_KEYS and (count := reader.long()):
            _skip_values(reader, keys, count)
        here = reader.long()
        reader.skip(here << (flags & 0xFF))
        rows -= here
