"""Which kind of statement a text is, where the data of an INSERT begins, and which format it asks for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Every token ends at the end of the text at the latest, and never backtracks: a text takes linear time.
_TOKEN = re.compile(
    rb"""
      (?P<space>\s+|--[^\n]*|\#[! ][^\n]*|/\*.*?(?:\*/|\Z))
    | (?P<string>'(?:[^'\\]|\\.|'')*+(?:'|\\?\Z))
    | (?P<name>"(?:[^"\\]|\\.|"")*+(?:"|\\?\Z) | `(?:[^`\\]|\\.|``)*+(?:`|\\?\Z))
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_AFTER_FORMAT = re.compile(rb"\s+([A-Za-z_][A-Za-z0-9_]*)[ \t\f]*;?[ \t\f]*(?:\r?\n)?")
_LAST_FORMAT = re.compile(rb"\bFORMAT\s+([A-Za-z_][A-Za-z0-9_]*)\s*(?:SETTINGS\b[^()]*)?[;\s]*$", re.IGNORECASE)
_FILE = re.compile(rb"\b(?:INTO OUTFILE|FROM INFILE) ''")
_TAIL = 4096
_SELECTS = frozenset({"SELECT", "WITH", "FROM"})
_RESULTS = _SELECTS | {"SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN", "CHECK", "KILL"}
_NO_DATA = frozenset({"SELECT", "WITH", "FROM", "INFILE", "WATCH"})


@dataclass(frozen=True)
class Insert:
    """An INSERT whose data comes with the request."""

    head: str
    """The statement without its FORMAT or VALUES clause."""
    format: str | None
    """Name of the input format; None if the statement names none."""
    data: bytes
    """The part of the data that follows in the text of the statement."""


def split_insert(text: bytes) -> Insert | None:
    """Split an INSERT with data into its head and the data; None for every other statement.

    The data may be binary and need not be complete, so nothing after the head is parsed.
    """
    position = 0
    for word, start, end in _outer_words(text):
        position += 1
        if position == 1 and word != "INSERT":
            return None
        if position < 3:
            continue
        if word in _NO_DATA:
            return None
        if word == "VALUES":
            return Insert(_decode(text[:start]), "Values", text[end:])
        if word == "FORMAT":
            named = _AFTER_FORMAT.match(text, end)
            return Insert(_decode(text[:start]), named.group(1).decode(), text[named.end() :]) if named else None
    return Insert(_decode(text).rstrip().rstrip(";"), None, b"") if position else None


def output_format(text: bytes) -> str | None:
    """The format of the last FORMAT clause of a query, if there is one.

    Only the headers of the answer and the way it is streamed depend on this; the engine reads the clause itself.
    """
    found = _LAST_FORMAT.search(text[-_TAIL:])
    return found.group(1).decode() if found else None


def first_word(text: bytes) -> str:
    """The keyword a statement begins with, in capitals, after any opening brackets; empty if there is none."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "word":
            return match.group().upper().decode()
        if match.group() != b"(" and match.lastgroup != "space":
            break
    return ""


def is_select(text: bytes) -> bool:
    """Whether this is a SELECT, the one kind of statement that the engine can stream."""
    return first_word(text) in _SELECTS


def has_result(text: bytes) -> bool:
    """Whether the statement returns rows, even if there are none."""
    return first_word(text) in _RESULTS


def names(text: bytes) -> set[str]:
    """Every word and quoted name outside strings and comments, in lower case, as they are written."""
    return {
        match.group().strip(b'`"').lower().decode("utf-8", errors="replace")
        for match in _TOKEN.finditer(text)
        if match.lastgroup in ("word", "name")
    }


def may_name_a_file(text: bytes) -> bool:
    """Whether a text has OUTFILE or INFILE anywhere; most do not, and need no closer look."""
    lowered = text.lower()
    return b"outfile" in lowered or b"infile" in lowered


def names_a_file(formatted: bytes) -> bool:
    """Whether a statement has INTO OUTFILE or FROM INFILE.

    Args:
        formatted: The statement as the engine writes it: what a client writes may quote in ways that only the engine
            knows, such as `$$…$$`.
    """
    blank = {"string": b"''", "name": b"``"}
    bare = b"".join(blank.get(match.lastgroup or "", match.group()) for match in _TOKEN.finditer(formatted))
    return _FILE.search(bare) is not None


def _outer_words(text: bytes) -> Iterator[tuple[str, int, int]]:
    """Words outside brackets, in capitals, with their place."""
    depth = 0
    for match in _TOKEN.finditer(text):
        depth += {"open": 1, "close": -1}.get(match.lastgroup or "", 0)
        if match.lastgroup == "word" and not depth:
            yield match.group().upper().decode(), match.start(), match.end()


def _decode(text: bytes) -> str:
    return text.decode("utf-8", errors="replace")
