"""Child processes: started, logged, stopped, started again, and gone with their parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.adapters.stack.child import Child, resident_bytes
from pipeline.adapters.stack.kept import KeptChild, StartError
from pipeline.adapters.stack.notice import Notice
from tests.servers.processes import is_running

pytestmark = pytest.mark.server

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def child(tmp_path: Path, code: str) -> Child:
    return Child("part", [sys.executable, "-c", code], os.environ, tmp_path / "part.log")


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


async def logged(part: Child, text: str) -> None:
    await eventually(lambda: text in part.log.path.read_text())


async def test_output_is_logged_and_the_status_told(tmp_path: Path) -> None:
    part = child(tmp_path, "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    await part.start()
    assert await part.wait() == 3
    assert sorted(part.last_words()) == ["err", "out"]
    assert part.pid is None


async def test_a_very_long_line_does_not_stop_the_log(tmp_path: Path) -> None:
    part = child(tmp_path, "print('x' * 1_000_000); print('after')")
    await part.start()
    await part.wait()
    assert part.last_words(1) == ["after"]


async def test_a_child_that_does_not_listen_is_ended_after_the_grace(tmp_path: Path) -> None:
    part = child(tmp_path, STUBBORN)
    await part.start()
    await logged(part, "up")
    await part.stop(grace_seconds=0.3)
    assert part.exit_status == -signal.SIGKILL


async def test_a_kept_child_is_started_again_and_that_is_said(tmp_path: Path) -> None:
    notices: list[Notice] = []
    part = child(tmp_path, "import time; print('up', flush=True); time.sleep(60)")

    async def ready() -> bool:
        return part.log.path.read_text().count("up") > kept.restarts

    kept = KeptChild(part, ready, notices.append, ready_seconds=20)
    await kept.start()
    first = part.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: len(notices) == 2)
    assert "part ended by signal 9; starting it again in 0.5 s" in notices[0].text
    assert f"part runs again (process {part.pid})" in notices[1].text
    assert part.pid != first
    await kept.stop(5)
    await asyncio.sleep(0.2)
    assert not part.running


async def test_a_child_that_ends_before_it_is_ready_says_what_it_wrote(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    part = child(tmp_path, "print('no room'); raise SystemExit(4)")
    with pytest.raises(StartError, match=r"part ended with status 4 before it was ready(?s:.)*no room(?s:.)*part\.log"):
        await KeptChild(part, never, print, ready_seconds=20).start()


async def test_a_child_that_is_never_ready_is_ended(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    part = child(tmp_path, "import time; time.sleep(60)")
    with pytest.raises(StartError, match=r"was not ready after 0\.2 s"):
        await KeptChild(part, never, print, ready_seconds=0.2).start()
    assert not part.running


async def test_resident_memory_is_measured(tmp_path: Path) -> None:
    part = child(tmp_path, "held = bytearray(b'x') * 50_000_000; print('up', flush=True); import time; time.sleep(60)")
    await part.start()
    await logged(part, "up")
    assert part.pid is not None
    assert 50_000_000 < resident_bytes(part.pid) < 150_000_000
    await part.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with a parent that is killed outright")
def test_children_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = f"""
import asyncio, os, sys
from pathlib import Path
from pipeline.adapters.stack.child import Child
async def main():
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    part = Child("part", command, os.environ, Path({str(tmp_path)!r}) / "part.log")
    await part.start()
    print(part.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(0.5)  # the leash is on
    assert is_running(pid)
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(pid)


async def test_a_child_whose_output_somebody_else_holds_open_can_be_ended(tmp_path: Path) -> None:
    part = child(tmp_path, "import subprocess; print(subprocess.Popen(['sleep', '30']).pid, flush=True)")
    await part.start()
    async with asyncio.timeout(10):
        assert await part.wait() == 0
    os.kill(int(part.last_words(1)[0]), signal.SIGKILL)


async def test_a_log_that_cannot_be_written_holds_up_nobody(tmp_path: Path) -> None:
    code = "import time; print('x' * 4_000_000, flush=True); print('after', flush=True); time.sleep(60)"
    part = Child("part", [sys.executable, "-c", code], os.environ, Path("/dev/full"))
    await part.start()
    await eventually(lambda: part.last_words(1) == ["after"])
    async with asyncio.timeout(10):
        await part.stop(5)


async def test_a_kept_child_that_had_to_be_killed_is_named(tmp_path: Path) -> None:
    notices: list[Notice] = []
    part = child(tmp_path, STUBBORN)

    async def ready() -> bool:
        return "up" in part.log.path.read_text()

    kept = KeptChild(part, ready, notices.append, ready_seconds=20)
    await kept.start()
    name = f"part (process {part.pid})"
    await kept.stop(0.3)
    assert [notice.text for notice in notices] == [f"{name} did not end within 0.3 s and was killed"]
