"""What the figures were measured on."""

import os
import platform
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Final

PACKAGES: Final = ("faust-streaming", "aiokafka", "orjson", "msgspec", "chdb", "clickhouse-connect")
PEERS: Final = ("bytewax", "quixstreams", "sentry-arroyo", "confluent-kafka")
FILES: Final = 1_000
"""How many are created to find how long it takes: every insert into ClickHouse creates twelve, of a kilobyte or so."""
_ASK: Final = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"


def machine(python: Path | None) -> dict[str, str]:
    """The machine and the versions; `python` is the interpreter of the peers' environment."""
    described = {
        "cores": f"{os.cpu_count()} of {_cpu_model()}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1024**3:.0f} GiB",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}, {platform.machine()}",
        "data": f"on {_file_system()}, where creating a file takes {_create_microseconds():.0f} µs",
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }
    return described | (_peers(python) if python else {})


def _peers(python: Path) -> dict[str, str]:
    found = {}
    for name in PEERS:
        asked = subprocess.run([str(python), "-c", _ASK, name], capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            found[name] = asked.stdout.strip()
    return found


def _file_system() -> str:
    """The type of the file system on which temporary files are kept, as coreutils name it."""
    asked = subprocess.run(
        ["stat", "-f", "-c", "%T", tempfile.gettempdir()], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "an unknown file system"


def _create_microseconds() -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        for number in range(FILES):
            (Path(folder) / str(number)).write_bytes(b"")
        return (time.perf_counter() - began) / FILES * 1e6


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown model")
