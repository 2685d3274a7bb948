"""What people are shown of what strangers sent."""

HIDDEN = "***"
"""In place of a personal value."""


def printable(text: str) -> str:
    """The text without what a terminal would obey: control characters become escapes."""
    return "".join(each if each.isprintable() or each == "\n" else _escaped(each) for each in text)


def one_line(text: str) -> str:
    """The same without line breaks."""
    return printable(text).replace("\n", "\\n")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
