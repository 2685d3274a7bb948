"""A real Alertmanager holds back what only follows from another alert."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.ports import free_ports
from tests.unit.observability.dashboards import ALERTMANAGER, alerts
from tests.waiting import eventually

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
pytestmark = [pytest.mark.server, pytest.mark.skipif(PROGRAM is None, reason="Alertmanager is not installed")]
START_SECONDS = 60.0


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[str]:
    """Its address."""
    port, gossip = free_ports(2)
    url = f"http://127.0.0.1:{port}"
    command = [str(PROGRAM), f"--config.file={ALERTMANAGER}", f"--storage.path={tmp_path}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", f"--cluster.listen-address=127.0.0.1:{gossip}"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        assert eventually(lambda: _answers(url), START_SECONDS)
        yield url
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize(
    ("cause", "follows"),
    [
        ("SinkFailing", {"WorkerStuck", "WorkersTooSlow", "EventsLate", "SourceSilent"}),
        ("WorkerStuck", {"WorkersTooSlow", "EventsLate", "SourceSilent"}),
        ("NoWorker", {"WorkerDown", "WorkerStuck", "WorkersTooSlow", "EventsLate", "SourceSilent"}),
        ("NoCollector", {"CollectorDown"}),
        ("CollectorCannotDeliver", {"CollectorRefusesMost"}),
    ],
)
def test_what_follows_is_held_back(manager: str, cause: str, follows: set[str]) -> None:
    on = [alert for alert in alerts() if alert["alert"] in {cause, *follows}]
    _fire(manager, [{"alertname": alert["alert"], **alert["labels"]} for alert in on])
    assert eventually(lambda: set(_states(manager)) == {cause, *follows}, START_SECONDS)
    states = _states(manager)
    assert states.pop(cause) == {"active"}
    assert all(state == {"suppressed"} for state in states.values()), states


def _states(url: str) -> dict[str, set[str]]:
    with urllib.request.urlopen(f"{url}/api/v2/alerts", timeout=10) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    states: dict[str, set[str]] = {}
    for one in found:
        states.setdefault(one["labels"]["alertname"], set()).add(one["status"]["state"])
    return states


def _fire(url: str, labels: list[dict[str, str]]) -> None:
    began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    body = json.dumps([{"labels": each, "startsAt": began} for each in labels]).encode()
    request = urllib.request.Request(f"{url}/api/v2/alerts", data=body, headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/-/ready", timeout=5).close()
    except (urllib.error.URLError, OSError):
        return False
    return True
