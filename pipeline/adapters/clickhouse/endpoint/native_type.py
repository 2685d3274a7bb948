"""ClickHouse's types, as far as the bounds of their values in the Native format depend on them."""

import functools
import re
from dataclasses import dataclass

_WIDTHS = {
    **dict.fromkeys(("Bool", "Enum8", "Int8", "Nothing", "UInt8"), 1),
    **dict.fromkeys(("BFloat16", "Date", "Enum16", "Int16", "UInt16"), 2),
    **dict.fromkeys(("Date32", "DateTime", "Decimal32", "Float32", "IPv4", "Int32", "Time", "UInt32"), 4),
    **dict.fromkeys(("DateTime64", "Decimal64", "Float64", "Int64", "Time64", "UInt64"), 8),
    **dict.fromkeys(("Decimal128", "IPv6", "Int128", "UInt128", "UUID"), 16),
    **dict.fromkeys(("Decimal256", "Int256", "UInt256"), 32),
}
_POINTS = "Array(Point)"
_ALIASES = {
    "Point": "Tuple(Float64, Float64)",
    "Ring": _POINTS,
    "LineString": _POINTS,
    "Polygon": f"Array({_POINTS})",
    "MultiLineString": f"Array({_POINTS})",
    "MultiPolygon": f"Array(Array({_POINTS}))",
}
_NAMED = re.compile(r"(\w+)(?:\((.*)\))?", re.DOTALL)


@dataclass(frozen=True)
class NativeType:
    """A type."""

    name: str
    """Without arguments; a map is an array of tuples."""
    width: int = 0
    """Bytes of a value; 0 where values differ in size."""
    parts: tuple["NativeType", ...] = ()


@functools.lru_cache(maxsize=1024)
def parse(text: str) -> NativeType:
    """Read a type as the engine writes it; an unknown one has no width and no parts."""
    match = _NAMED.fullmatch(_ALIASES.get(text, text))
    name, inner = (match[1], match[2] or "") if match else (text, "")
    if name in _WIDTHS or name.startswith("Interval"):
        return NativeType(name, _WIDTHS.get(name, 8))
    if name == "FixedString":
        return NativeType(name, int(inner))
    if name == "Decimal":
        digits = int(inner.partition(",")[0])
        return NativeType(name, 4 if digits < 10 else 8 if digits < 19 else 16 if digits < 39 else 32)
    if name in ("Array", "LowCardinality", "Nullable"):
        return NativeType(name, parts=(parse(inner),))
    if name in ("Map", "Nested", "Tuple"):
        held = NativeType("Tuple", parts=tuple(parse(_unnamed(part)) for part in _split(inner)))
        return held if name == "Tuple" else NativeType("Array", parts=(held,))
    if name == "SimpleAggregateFunction":
        return parse(_split(inner)[-1])
    return NativeType(name)


def _split(text: str) -> list[str]:
    """The arguments, by the commas outside brackets and quotes."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(r"'(?:\\.|''|[^'])*'|`(?:\\.|[^`])*`|[(),]", text, re.DOTALL):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if match[0] == "," and not depth:
            parts.append(text[start : match.start()].strip())
            start = match.end()
    return [*parts, text[start:].strip()]


def _unnamed(element: str) -> str:
    """The type of a tuple's element, which may have a name before it."""
    match = re.fullmatch(r"(?:`(?:\\.|[^`])*`|\w+) (.*)", element, re.DOTALL)
    return match[1] if match else element
