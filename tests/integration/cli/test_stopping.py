"""How a stack ends that loses its terminal."""

import fcntl
import os
import pty
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.integration.cli.visits import visits
from tests.servers.processes import is_running
from tests.servers.stack import StackProcess, hear_signals

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]

SECONDS = 120


def on_a_terminal(stack: StackProcess) -> tuple[subprocess.Popen[bytes], int]:
    """`touchline up` on a terminal of its own; returns the process, and the end that a window holds."""
    window, terminal = pty.openpty()

    def control() -> None:
        hear_signals()
        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline.cli", "up"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=stack.environment,
        preexec_fn=control,
    )
    os.close(terminal)
    return process, window


def shown(window: int, text: bytes) -> None:
    """Wait until the terminal shows a text."""
    deadline, seen = time.monotonic() + SECONDS, b""
    while text not in seen:
        assert time.monotonic() < deadline, seen
        seen += os.read(window, 4096)


def test_closing_the_terminal_loses_nothing(tmp_path: Path) -> None:
    stack = StackProcess(tmp_path / "data")
    process, window = on_a_terminal(stack)
    try:
        shown(window, b"Touchline is ready")
        assert b"3000 accepted" in stack.touchline("emit", "-", given=visits(0, 3_000)).stderr.replace(b",", b"")
        os.close(window)
        process.wait(SECONDS)
        assert not is_running(process.pid)
    finally:
        process.kill()
    with stack:
        assert stack.rows("SELECT count() FROM touchpoints") == [(3_000,)]
