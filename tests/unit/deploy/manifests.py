"""The Compose file and the Kubernetes manifests as tests read them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / "deploy" / "compose" / "compose.yaml"
ENVIRONMENT = COMPOSE.with_name(".env.example")
KUBERNETES = ROOT / "deploy" / "kubernetes"

Document = dict[str, Any]

_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}")


def compose(variables: Mapping[str, str]) -> Document:
    """The Compose file with variables and merge keys resolved, as Docker Compose reads it."""

    def filled(found: re.Match[str]) -> str:
        return variables.get(found[1]) or (found[2] if found[2] is not None else variables[found[1]])

    document: Document = yaml.safe_load(_VARIABLE.sub(filled, COMPOSE.read_text()))
    return document


def compose_variables() -> set[str]:
    """The variables that the Compose file requires."""
    return set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text())) | {"TOUCHLINE_SECRET"}


def documents(folder: Path) -> Iterator[Document]:
    """The resources in a folder of manifests, in order of their files."""
    for path in sorted(folder.glob("*.yaml")):
        if path.name != "kustomization.yaml":
            yield from yaml.safe_load_all(path.read_text())


def resource(kind: str, folder: Path = KUBERNETES / "base", name: str = "") -> Document:
    """The only resource of a kind, or the only one of that name."""
    found = [document for document in documents(folder) if document["kind"] == kind]
    (only,) = [document for document in found if name in ("", document["metadata"]["name"])]
    return only


def environment_file(path: Path) -> dict[str, str]:
    """The variables of an env file."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}
