"""Prometheus takes the configuration of the Compose file, with the rules where it mounts them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.deploy.manifests import COMPOSE, ROOT


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_the_configuration_is_accepted(tmp_path: Path) -> None:
    shutil.copy(COMPOSE.parent / "prometheus.yml", tmp_path)
    rules = shutil.copytree(ROOT / "deploy" / "prometheus" / "rules", tmp_path / "rules")
    command = ["promtool", "check", "config", str(tmp_path / "prometheus.yml")]
    result = subprocess.run(command, capture_output=True, check=False, timeout=60)
    output = (result.stdout + result.stderr).decode()
    assert result.returncode == 0, output
    assert output.count("rules found") == len(list(Path(rules).glob("*.yml")))
