"""Opens other systems' exports: plain or gzipped text files, or directories of them."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from pipeline.events.decode import GZIP


class UnreadableFileError(Exception):
    """A file cannot be opened or unpacked; the message says which, and why."""


def open_lines(path: str, encoding: str) -> Iterator[str]:
    """The lines of a file with their line ends; bytes invalid in the encoding become surrogate escapes.

    Raises:
        UnreadableFileError: The file is missing, unreadable or damaged, or the encoding is unknown.
    """
    try:
        with _open(path, "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding) as file:
            yield from file
    except (OSError, EOFError, LookupError, UnicodeError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnreadableFileError(f"{path}: {reason}") from error


def require(paths: Iterable[str]) -> None:
    """Make sure before work begins that all paths are regular files.

    Raises:
        UnreadableFileError: One does not exist, or is something else, such as a pipe, which cannot be read twice.
    """
    for path in paths:
        if not Path(path).exists():
            raise UnreadableFileError(f"{path}: there is no such file")
        if not Path(path).is_file():
            raise UnreadableFileError(f"{path}: a file is expected, not a directory or a pipe")


def expand(paths: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Replace each directory with its files that match one of the patterns, in alphabetical order."""
    wanted = [pattern for pattern in patterns if pattern]
    files: list[str] = []
    for path in paths:
        directory = Path(path)
        if directory.is_dir():
            found = {file for pattern in wanted for file in directory.glob(pattern) if file.is_file()}
            files += [str(file) for file in sorted(found)]
        else:
            files.append(path)
    return files


def _open(path: str, encoding: str) -> TextIO:
    if path.endswith(".gz") or _is_gzipped(path):
        return gzip.open(path, "rt", encoding=encoding, errors="surrogateescape", newline="")
    return Path(path).open(encoding=encoding, errors="surrogateescape", newline="")


def _is_gzipped(path: str) -> bool:
    """Look at the content: some downloads are gzipped although their name does not say so."""
    with Path(path).open("rb") as file:
        return file.read(len(GZIP)) == GZIP
