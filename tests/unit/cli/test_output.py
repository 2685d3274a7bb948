"""Standard output that nobody reads, or that takes nothing more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")


def started(*arguments: str, output: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipeline.cli", *arguments]
    return subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE)


def test_a_reader_that_has_seen_enough_ends_it_without_a_word() -> None:
    command = started("simulate", "--people", "200", "--start", "2026-03-01")
    assert command.stdout is not None
    assert command.stderr is not None
    assert command.stdout.readline().startswith(b'{"specversion"')
    command.stdout.close()
    assert command.stderr.read() == b"simulating 200 people\n"
    assert command.wait() == 141


@pytest.mark.parametrize("arguments", [("config",), ("config", "--json"), ("import", "--list"), ("--help",)])
def test_so_does_one_that_went_before_the_last_flush(arguments: tuple[str, ...]) -> None:
    nobody, output = os.pipe()
    os.close(nobody)
    command = started(*arguments, output=output)
    os.close(output)
    assert command.communicate()[1] == b""
    assert command.returncode == 141


@pytest.mark.skipif(not FULL.exists(), reason="this system has no full device")
def test_a_full_disk_is_told() -> None:
    with FULL.open("wb") as full:
        command = started("config", output=full.fileno())
    assert command.communicate()[1] == b"error: the output cannot be written: No space left on device\n"
    assert command.returncode == 1


def test_a_closed_output_is_nothing_to_fail_for() -> None:
    line = f'"{sys.executable}" -m pipeline.cli config >&-'
    command = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE, check=False)
    assert (command.returncode, command.stderr) == (0, b"")
