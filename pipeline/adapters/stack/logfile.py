"""A log of bounded size: the current file and the previous one."""

from collections import deque
from contextlib import suppress
from io import FileIO
from pathlib import Path

LARGEST_BYTES = 8 * 1024 * 1024
KEPT_LINES = 20


class LogFile:
    """Takes lines of a process's output; remembers the last few to show when it dies."""

    def __init__(self, path: Path, largest_bytes: int = LARGEST_BYTES) -> None:
        self.path = path
        self.last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._largest = largest_bytes
        self._stream = _opened(path)

    def write(self, line: bytes) -> None:
        """Add one line, with its line end; if that fails, as on a full disk, the line is only remembered."""
        self.last_lines.append(line.decode("utf-8", "replace").rstrip())
        with suppress(OSError):  # the process that wrote it must not be held up
            if self._stream.tell() + len(line) > self._largest:
                self._turn_over()
            self._stream.write(line)

    def _turn_over(self) -> None:
        with suppress(FileNotFoundError):  # somebody has removed it
            self.path.replace(self.path.with_suffix(".1.log"))
        before, self._stream = self._stream, _opened(self.path)
        before.close()


def _opened(path: Path) -> FileIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("ab", buffering=0)
