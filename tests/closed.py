"""A directory that may not be entered, even by tests that run as root."""

import errno
import os
from pathlib import Path

import pytest


def close(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `os.stat` refuse every path below a directory."""
    looked_at = os.stat

    def stat(path: int | str | os.PathLike[str], *given: object, **named: object) -> os.stat_result:
        if not isinstance(path, int) and directory in Path(path).absolute().parents:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return looked_at(path, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", stat)
