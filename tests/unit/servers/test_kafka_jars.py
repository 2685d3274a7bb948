"""Apache Kafka's files are fetched once, whoever asks."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.servers import kafka_jars

MAVEN = """#!/bin/sh
mkdir {place}/running || exit 1  # another one runs
sleep 0.2
for argument; do output=${{argument#-DoutputDirectory=}}; done
mkdir "$output" && printf broker > "$output/broker.jar"
rmdir {place}/running
echo fetched >> {place}/fetches
"""


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in Maven's place, which fails as Maven does when two run at once."""
    jars, program = tmp_path / "kafka", tmp_path / "bin" / "mvn"
    jars.mkdir()
    (jars / "jars.sha256").write_text(f"{hashlib.sha256(b'broker').hexdigest()}  broker.jar\n")
    program.parent.mkdir()
    program.write_text(MAVEN.format(place=tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(kafka_jars, "KAFKA", jars)
    return program


def test_one_maven_fetches_for_all_who_ask_at_once(maven: Path) -> None:
    with ThreadPoolExecutor(3) as together:
        found = set(together.map(lambda _: kafka_jars.kafka_jars(), range(3)))
    assert [[path.name for path in directory.iterdir()] for directory in found] == [["broker.jar"]]
    assert (maven.parents[1] / "fetches").read_text() == "fetched\n"


def test_what_maven_says_is_told_when_it_fails(maven: Path) -> None:
    maven.write_text("#!/bin/sh\necho no route to the repository\nexit 1\n")
    with pytest.raises(RuntimeError, match="no route to the repository"):
        kafka_jars.kafka_jars()
