"""What `make` does where a machine lacks something."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
WITHOUT_ENSUREPIP = """#!/bin/sh
[ "$2" = venv ] || exit 0
mkdir -p "$3/bin" && touch "$3/bin/python"
exit 1
"""
"""Debian's Python without `python3-venv`: it leaves an environment without pip behind."""


def test_half_a_virtual_environment_is_not_kept(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    python = tmp_path / "python"
    python.write_text(WITHOUT_ENSUREPIP)
    python.chmod(0o700)
    for _ in range(2):
        made = subprocess.run(["make", ".venv/bin/python", f"PYTHON={python}"], cwd=tmp_path, capture_output=True)
        assert made.returncode == 2
    assert not (tmp_path / ".venv").exists()
