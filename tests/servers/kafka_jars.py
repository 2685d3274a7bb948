"""Apache Kafka's files, fetched once by Maven and checked against the list of expected checksums."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

KAFKA: Final = Path(__file__).parents[2] / "deploy" / "kafka"
FETCH_SECONDS: Final = 600


def why_no_kafka() -> str:
    """Why this machine cannot run a broker; empty if it can."""
    missing = [program for program in ("java", "mvn") if shutil.which(program) is None]
    return f"Apache Kafka needs {' and '.join(missing)}, which this machine does not have" if missing else ""


def kafka_jars() -> Path:
    """The directory with the broker's files; the first call on a machine fetches them."""
    listed = (KAFKA / "jars.sha256").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "touchline"
    jars = cache / f"kafka-{hashlib.sha256(listed).hexdigest()[:16]}"
    if not jars.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "kafka.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two concurrent Mavens corrupt each other's repository
            if not jars.is_dir():
                _fetch(jars)
    return jars


def _fetch(jars: Path) -> None:
    """Fetch into a temporary directory beside `jars`, and rename it to that once the files are checked."""
    with tempfile.TemporaryDirectory(dir=jars.parent) as made:
        fetched = Path(made) / "jars"
        command = ["mvn", "-q", "-B", "-f", str(KAFKA / "pom.xml"), "dependency:copy-dependencies"]
        maven = subprocess.run(
            [*command, f"-DoutputDirectory={fetched}"],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=FETCH_SECONDS,
        )
        if maven.returncode:
            said = maven.stdout.decode(errors="replace")[-2000:]
            raise RuntimeError(f"Maven could not fetch Apache Kafka, run `{' '.join(command)}` to see why:\n{said}")
        require_listed(fetched, (KAFKA / "jars.sha256").read_text())
        fetched.rename(jars)


def require_listed(directory: Path, listed: str) -> None:
    """Check that a directory holds exactly the listed files.

    Raises:
        ValueError: Files are missing, changed or not listed; the message names them.
    """
    expected = {name: digest for digest, _, name in (line.partition("  ") for line in listed.splitlines())}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in directory.iterdir()}
    if differing := sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)):
        raise ValueError(f"Maven brought other files than jars.sha256 lists: {', '.join(differing)}")
