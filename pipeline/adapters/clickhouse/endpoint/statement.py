"""Where an INSERT ends and its data begins, and which format a statement asks for."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    rb"""
      (?P<space>\s+|--[^\n]*|\#[! ][^\n]*|/\*.*?\*/)
    | (?P<quoted>'(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*" | `(?:[^`\\]|\\.|``)*`)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_AFTER_FORMAT = re.compile(rb"[ \t\f]*;?[ \t\f]*(?:\r?\n)?")
_LAST_FORMAT = re.compile(rb"\bFORMAT\s+([A-Za-z_][A-Za-z0-9_]*)\s*(?:SETTINGS\b[^()]*)?[;\s]*$", re.IGNORECASE)
_TAIL = 4096
_SELECTS = frozenset({b"SELECT", b"WITH", b"FROM"})
_READS = frozenset({b"SELECT", b"WITH", b"FROM", b"WATCH", b"INFILE"})


@dataclass(frozen=True)
class Insert:
    """An INSERT whose data comes with the request."""

    head: str
    """The statement without its FORMAT or VALUES clause."""
    format: str | None
    """Name of the input format; None if the statement names none."""
    data: bytes
    """What of the data stood in the statement itself."""


def split_insert(text: bytes) -> Insert | None:
    """Split an INSERT with data into its head and the data; None for every other statement.

    The data may be binary and need not be complete, so nothing after the head is looked at.
    """
    depth = 0
    words = 0
    for match in _TOKEN.finditer(text):
        depth += {"open": 1, "close": -1}.get(match.lastgroup or "", 0)
        if match.lastgroup != "word" or depth:
            continue
        word = match.group().upper()
        words += 1
        if words == 1 and word != b"INSERT":
            return None
        if words > 2 and word in _READS:
            return None
        if words > 2 and word == b"VALUES":
            return Insert(_decode(text[: match.start()]), "Values", text[match.end() :])
        if words > 2 and word == b"FORMAT":
            return _at_format(text, match)
    if not words:
        return None
    return Insert(_decode(text).rstrip().rstrip(";"), None, b"")


def _at_format(text: bytes, found: re.Match[bytes]) -> Insert | None:
    name = re.compile(rb"\s+([A-Za-z_][A-Za-z0-9_]*)").match(text, found.end())
    if name is None:
        return None
    start = name.end()
    gap = _AFTER_FORMAT.match(text, start)
    data = text[gap.end() if gap else start :]
    return Insert(_decode(text[: found.start()]), name.group(1).decode(), data)


def output_format(text: bytes) -> str | None:
    """The format of the last FORMAT clause of a query, if there is one.

    Only the headers of the answer and the way it is streamed depend on this; the engine reads the clause itself.
    """
    found = _LAST_FORMAT.search(text[-_TAIL:])
    return found.group(1).decode() if found else None


def is_select(text: bytes) -> bool:
    """Whether this is a SELECT, the one kind of statement that the engine can stream."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "word":
            return match.group().upper() in _SELECTS
        if match.group() != b"(" and match.lastgroup != "space":
            return False
    return False


def _decode(text: bytes) -> str:
    return text.decode("utf-8", errors="replace")
