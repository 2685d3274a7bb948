"""Kustomize renders the overlays, and what it renders is valid."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.unit.deploy.manifests import KUBERNETES

OVERLAYS = sorted(path.parent for path in (KUBERNETES / "overlays").glob("*/kustomization.yaml"))
CUSTOM = {"ScaledObject", "PodMonitor", "TriggerAuthentication"}
OLDEST_KUSTOMIZE = 4


def _kustomize() -> list[str] | None:
    """The command that renders an overlay: kustomize, or a kubectl with one that knows components."""
    folder = os.environ.get("GOBIN") or str(Path.home() / "go" / "bin")
    kustomize = shutil.which("kustomize") or shutil.which("kustomize", path=folder)
    if kustomize is not None:
        return [kustomize, "build"]
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        return None
    version = subprocess.run([kubectl, "version", "--client"], capture_output=True, text=True, check=False, timeout=60)
    found = re.search(r"Kustomize Version: v(\d+)", version.stdout)
    return [kubectl, "kustomize"] if found and int(found[1]) >= OLDEST_KUSTOMIZE else None


COMMAND = _kustomize()
needs_kustomize = pytest.mark.skipif(
    COMMAND is None, reason="neither kustomize nor a kubectl that contains it is installed"
)


@needs_kustomize
@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: str(path.name))
def test_an_overlay_renders(overlay: Path) -> None:
    resources = _rendered(overlay)
    for document in resources.values():
        if document["kind"] not in CUSTOM:
            kubernetes_validate.validate(document, "1.34", strict=True)
        assert document["metadata"].get("namespace", document["metadata"]["name"]) == "touchline", document["kind"]
    images = {container["image"] for container in _containers(resources)}
    assert len(images) == 1
    assert images.pop().rpartition(":")[2] not in ("", "latest")


@needs_kustomize
def test_the_example_changes_what_it_says() -> None:
    resources = _rendered(KUBERNETES / "overlays" / "example")
    kinds = {document["kind"] for document in resources.values()}
    assert {
        "Deployment",
        "Job",
        "Secret",
        "Service",
        "ConfigMap",
        "NetworkPolicy",
        "PodDisruptionBudget",
    } | CUSTOM <= kinds
    (settings,) = [document for document in resources.values() if document["kind"] == "ConfigMap"]
    assert settings["data"]["TOUCHLINE_TOPICS__REPLICATION"] == "3"  # the base's
    triggers = resources["ScaledObject/touchline-worker"]["spec"]["triggers"]
    (broker,) = {each["metadata"]["bootstrapServers"] for each in triggers if each["type"] == "kafka"}
    assert settings["data"]["TOUCHLINE_BROKER"] == broker != "kafka-bootstrap.kafka.svc:9092"
    login = resources["TriggerAuthentication/touchline-kafka"]["metadata"]["name"]
    assert all(
        each.get("authenticationRef") == ({"name": login} if each["type"] == "kafka" else None) for each in triggers
    )
    for container in _containers(resources):
        assert container["envFrom"][0] == {"configMapRef": {"name": settings["metadata"]["name"]}}
    selected = resources["NetworkPolicy/touchline"]["spec"]["podSelector"]["matchLabels"]
    for name in ("touchline-worker", "touchline-collector"):
        labels = resources[f"Deployment/{name}"]["spec"]["template"]["metadata"]["labels"]
        for kind in ("Deployment", "PodDisruptionBudget", "PodMonitor"):
            assert resources[f"{kind}/{name}"]["spec"]["selector"]["matchLabels"] == labels, (kind, name)
        assert selected.items() <= labels.items()
    job = resources["Job/touchline-migrate"]["spec"]["template"]["metadata"]["labels"]
    assert selected.items() <= job.items()


def _rendered(overlay: Path) -> dict[str, dict[str, Any]]:
    """The resources by kind and name."""
    assert COMMAND is not None
    result = subprocess.run([*COMMAND, str(overlay)], capture_output=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr.decode()
    found = list(yaml.safe_load_all(result.stdout))
    resources = {f"{document['kind']}/{document['metadata']['name']}": document for document in found}
    assert len(resources) == len(found)
    return resources


def _containers(resources: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    makers = [document for document in resources.values() if document["kind"] in ("Deployment", "Job")]
    pods = [document["spec"]["template"]["spec"] for document in makers]
    return [container for pod in pods for container in [*pod.get("initContainers", []), *pod["containers"]]]
