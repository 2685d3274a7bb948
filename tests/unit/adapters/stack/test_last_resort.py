"""A process that does not come to its end."""

import subprocess
import sys


def ended(code: str) -> subprocess.CompletedProcess[str]:
    script = f"from pipeline.adapters.stack.last_resort import call_off, end_within\n{code}"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)


def test_it_is_ended_whatever_it_is_about_and_says_where_it_stands() -> None:
    result = ended("def stuck():\n while True:\n  pass\nend_within(0.2)\nstuck()")
    assert result.returncode == 1
    assert "in stuck" in result.stderr


def test_it_may_be_called_off() -> None:
    result = ended("import time\nend_within(0.2)\ncall_off()\ntime.sleep(0.4)\nprint('lives')")
    assert (result.returncode, result.stdout, result.stderr) == (0, "lives\n", "")
