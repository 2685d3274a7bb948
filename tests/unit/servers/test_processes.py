"""What is read of processes is what they are."""

import os
import signal
import subprocess
import sys

import pytest

from tests.servers.processes import command_line, descendants, environment, is_running, state
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "input()", ") a name ("])
print(child.pid, flush=True)
child.wait()
"""


def test_a_process_and_its_descendants_are_found_until_they_end() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert descendants(parent.pid) == [child]
        assert set(descendants(os.getpid())) >= {parent.pid, child}
        assert command_line(child) == f"{sys.executable} -c input() ) a name ( "
        assert is_running(child)
        parent.send_signal(signal.SIGSTOP)
        assert eventually(lambda: state(parent.pid) == "T")
        os.kill(child, signal.SIGKILL)
        assert eventually(lambda: not is_running(child)), "nobody has waited for it: it has ended all the same"
        parent.send_signal(signal.SIGCONT)
    assert (state(child), command_line(child), descendants(child)) == ("", "", [])


def test_only_given_settings_reach_a_program_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_BROKER", "kafka://elsewhere:9092")
    monkeypatch.setenv("OTHER", "kept")
    found = environment({"DATA": "here"})
    assert {name for name in found if name.startswith("TOUCHLINE_")} == {"TOUCHLINE_DATA"}
    assert (found["TOUCHLINE_DATA"], found["OTHER"]) == ("here", "kept")
