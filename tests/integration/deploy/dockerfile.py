"""The Dockerfile as tests read and run it."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"


class Instruction(NamedTuple):
    """One instruction: its name, and the rest with continued lines joined."""

    name: str
    rest: str


class Image:
    """Builds in a directory what the instructions build in an image; `/opt` and `/build` are folders in it."""

    def __init__(self, directory: Path, python: str) -> None:
        self.directory = directory
        self._python = python

    @property
    def virtual_environment(self) -> Path:
        return self.directory / "opt" / "touchline"

    def build(self) -> None:
        """Run the COPY and RUN instructions of the first stage."""
        (self.directory / "build").mkdir(parents=True)
        for name, rest in instructions(stage=0):
            if name == "COPY":
                self._copy(rest.split())
            elif name == "RUN":
                self._run(rest)

    def command(self, name: str) -> list[str]:
        """The command that the finished image runs for `CMD` or `HEALTHCHECK`."""
        (rest,) = [instruction.rest for instruction in instructions(stage=1) if instruction.name == name]
        command: list[str] = json.loads(rest[rest.index("[") :])
        return [str(self.virtual_environment / "bin" / command[0]), *command[1:]]

    def _copy(self, words: list[str]) -> None:
        *sources, target = words
        for source in sources:
            origin, place = ROOT / source, self.directory / "build" / target
            if origin.is_dir():
                shutil.copytree(origin, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(origin, place)

    def _run(self, text: str) -> None:
        script = re.sub(r"(?<![\w/])/(opt|build)\b", rf"{self.directory}/\1", text)
        script = re.sub(r"(?<![\w/-])python ", f"{self._python} ", script)
        quick = {**os.environ, "PIP_NO_COMPILE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        place = self.directory / "build"
        result = subprocess.run(["sh", "-euc", script], cwd=place, env=quick, capture_output=True, check=False)
        assert result.returncode == 0, result.stderr.decode()[-3000:]


def instructions(stage: int) -> Iterator[Instruction]:
    """The instructions of a stage, its FROM first."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    current = -1
    for line in filter(str.strip, text.splitlines()):
        name, _, rest = line.strip().partition(" ")
        current += name == "FROM"
        if current == stage:
            yield Instruction(name, " ".join(rest.split()))
