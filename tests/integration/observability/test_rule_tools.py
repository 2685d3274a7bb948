"""Prometheus' and Alertmanager's own tools accept the files; the rules' unit tests pass."""

import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.adapters.metrics import Metrics
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from tests.unit.observability.dashboards import ALERTMANAGER, PROMETHEUS, RULE_TESTS, RULES, alerts

needs_promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
needs_amtool = pytest.mark.skipif(not shutil.which("amtool"), reason="amtool is not installed")


def run(*command: str | Path, given: bytes = b"") -> str:
    result = subprocess.run([str(part) for part in command], input=given, capture_output=True, check=False, timeout=240)
    output = (result.stdout + result.stderr).decode()
    assert result.returncode == 0, output
    return output


@needs_promtool
def test_the_configuration_and_its_rules_are_accepted() -> None:
    output = run("promtool", "check", "config", PROMETHEUS)
    assert output.count("rules found") == len(RULES)
    assert "duplicate" not in output


@needs_promtool
def test_the_metrics_are_named_as_prometheus_wants_them() -> None:
    exposition = Metrics(Catalogue.load(schema_directories()).touchpoints, ["email"]).exposition()[0]
    assert run("promtool", "check", "metrics", given=exposition) == ""


@needs_promtool
@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: str(path.stem))
def test_the_rules_alert_when_they_should_and_only_then(path: Path) -> None:
    assert "SUCCESS" in run("promtool", "test", "rules", path)


def test_every_alert_has_a_test_in_which_it_goes_off() -> None:
    texts = "".join(path.read_text() for path in RULE_TESTS)
    untested = {str(alert["alert"]) for alert in alerts() if f"alertname: {alert['alert']}\n" not in texts}
    assert untested == set()


@needs_amtool
def test_alertmanager_accepts_its_configuration() -> None:
    assert "SUCCESS" in run("amtool", "check-config", ALERTMANAGER)


@needs_amtool
@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        (("owner=logistics", "severity=warning"), "logistics"),
        (("owner=payments", "severity=critical"), "on-call,payments"),
        (("owner=nobody", "severity=warning"), "pipeline"),
        (("alertname=AlertingWorks", "severity=none", "owner=pipeline"), "watchdog"),
    ],
)
def test_alerts_reach_whoever_answers_for_them(labels: tuple[str, ...], receivers: str) -> None:
    command = ("amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}")
    assert run(*command, *labels).splitlines()[0] == receivers
