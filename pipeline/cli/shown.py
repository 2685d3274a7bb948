"""Make what senders sent safe to show on a terminal."""

HIDDEN = "***"
"""Shown in place of a personal value."""


def printable(text: str) -> str:
    """The text with control characters escaped, so that a terminal does not obey them."""
    return "".join(each if each.isprintable() or each == "\n" else _escaped(each) for each in text)


def one_line(text: str) -> str:
    """The same without line breaks."""
    return printable(text).replace("\n", "\\n")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
