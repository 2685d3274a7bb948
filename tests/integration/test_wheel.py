"""What travels in the wheel."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_schemas_dashboards_and_deployment_travel_in_the_wheel(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w"]
    subprocess.run([*command, str(tmp_path), str(ROOT)], check=True, timeout=120)
    (wheel,) = tmp_path.glob("touchline-*.whl")
    names = set(ZipFile(wheel).namelist())
    for path in ("schemas/web/page_viewed.json", "grafana/dashboards/", "deploy/prometheus/prometheus.yml"):
        assert any(name.startswith(f"pipeline/resources/{path}") for name in names), path
    assert "pipeline/importing/mappings/olist.toml" in names
    assert any(name.startswith("pipeline/adapters/clickhouse/migrations/0001") for name in names)
    assert not any(name.startswith("tests/") for name in names)
