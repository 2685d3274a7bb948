"""The committed dashboards, alert rules and runbook, as tests read them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[3]
DASHBOARDS = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))
RULES = sorted((ROOT / "deploy" / "prometheus" / "rules").glob("*.yml"))
RULE_TESTS = sorted((ROOT / "deploy" / "prometheus" / "tests").glob("*.yml"))
ALERTMANAGER = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
PROMETHEUS = ROOT / "deploy" / "prometheus" / "prometheus.yml"
RUNBOOK = ROOT / "deploy" / "prometheus" / "RUNBOOK.md"

Json = dict[str, Any]


class PanelQuery(NamedTuple):
    """A query, and the panel that it belongs to."""

    board: str
    panel: Json
    text: str
    """PromQL or SQL, with variables and macros."""
    instant: bool

    @property
    def name(self) -> str:
        """For messages and lists of exceptions."""
        return f"{self.board}: {self.panel['title']}"


def load(path: Path) -> Json:
    """A dashboard."""
    document: Json = json.loads(path.read_text())
    return document


def panels(dashboard: Json) -> list[Json]:
    """The panels, rows included."""
    found: list[Json] = dashboard["panels"]
    return found


def queries(kind: str) -> Iterator[PanelQuery]:
    """All queries of the panels to a data source; `kind`: `prometheus` or `clickhouse`."""
    for path in DASHBOARDS:
        dashboard = load(path)
        for panel in panels(dashboard):
            for target in panel.get("targets", []):
                if target["datasource"]["uid"] == kind:
                    text = target["expr"] if kind == "prometheus" else target["rawSql"]
                    yield PanelQuery(dashboard["title"], panel, text, bool(target.get("instant")))


def rule_groups() -> Iterator[Json]:
    """The groups of all rule files."""
    for path in RULES:
        yield from yaml.safe_load(path.read_text())["groups"]


def rules() -> list[Json]:
    """All recording and alert rules."""
    return [rule for group in rule_groups() for rule in group["rules"]]


def alerts() -> list[Json]:
    """The alert rules."""
    return [rule for rule in rules() if "alert" in rule]


def anchors() -> set[str]:
    """The headings of the runbook's entries, as links name them."""
    return {heading.lower() for heading in re.findall(r"^## (\S+)$", RUNBOOK.read_text(), re.MULTILINE)}
