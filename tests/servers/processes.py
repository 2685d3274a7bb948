"""What the system reports about processes, and the environment of the project's own."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ENDED: Final = "Z"
"""The state of a process that has ended and was not waited for."""


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment, with these settings as its only TOUCHLINE_* variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHLINE_")}
    return kept | {f"TOUCHLINE_{name}": value for name, value in settings.items()}


def state(process_id: int) -> str:
    """The letter of a process's state (proc(5)); empty if it is gone."""
    return next(iter(_fields(process_id)), "")


def is_running(process_id: int) -> bool:
    """Whether a process exists and has not ended."""
    return state(process_id) not in ("", ENDED)


def command_line(process_id: int) -> str:
    """The words of a process's command line, with a space after each; empty if it is gone."""
    try:
        return (Path("/proc") / str(process_id) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def descendants(process_id: int) -> list[int]:
    """The current children of a process, and their descendants."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := _fields(int(name))):
            children.setdefault(int(fields[1]), []).append(int(name))
    found, waiting = [], [process_id]
    while waiting:
        following = children.get(waiting.pop(), [])
        found += following
        waiting += following
    return found


def _fields(process_id: int) -> list[str]:
    """The fields of `/proc/ID/stat` from the state on; the name before it may contain any characters."""
    try:
        return (Path("/proc") / str(process_id) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
