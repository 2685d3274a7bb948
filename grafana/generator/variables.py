"""Variables of the dashboards, and the label matchers that use them."""

from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import VariableModel, VariableOption, VariableRefresh

from grafana.generator.sources import PROMETHEUS
from pipeline.catalogue.touchpoint import CHANNELS

RUNBOOK: Final = "/public/touchline/RUNBOOK.md"
"""Where Grafana serves the runbook, if you put it into Grafana's directory of static files."""

AT_TOUCHPOINT: Final = 'owner=~"$owner", touchpoint=~"$touchpoint"'
CUSTOMERS: Final = 'probe="0", owner=~"$owner", touchpoint=~"$touchpoint", channel=~"$channel"'
"""Frictions of customers, not of mystery shoppers."""
CHOSEN: Final = (
    "NOT probe AND $__conditionalAll(owner IN (${owner:singlequote}), $owner)"
    " AND $__conditionalAll(touchpoint IN (${touchpoint:singlequote}), $touchpoint)"
    " AND $__conditionalAll(channel IN (${channel:singlequote}), $channel)"
)
"""The same in SQL, over `frictions` or `touchpoints`."""


def owner() -> Builder[VariableModel]:
    """The department."""
    return _labels("owner", "Owner", "label_values(touchline_touchpoint_events_total, owner)")


def touchpoint(*, of_owner: bool = False) -> Builder[VariableModel]:
    """A touchpoint; `of_owner`: only of the departments that the variable `owner` chooses."""
    chosen = '{owner=~"$owner"}' if of_owner else ""
    return _labels("touchpoint", "Touchpoint", f"label_values(touchline_touchpoint_events_total{chosen}, touchpoint)")


def source() -> Builder[VariableModel]:
    """A source family."""
    return _labels("source", "Source", "label_values(touchline_events_total, source)")


def channel() -> Builder[VariableModel]:
    """A channel; lists all channels, including those without friction so far."""
    return (
        builders.CustomVariable("channel")
        .label("Channel")
        .values(",".join(CHANNELS))
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(VariableOption(text="All", value="$__all"))
    )


def runbook() -> Builder[VariableModel]:
    """The address of the runbook."""
    return builders.ConstantVariable("runbook").label("Runbook").value(RUNBOOK)


def text(name: str, label: str, description: str) -> Builder[VariableModel]:
    """A text field, empty at first."""
    return builders.TextBoxVariable(name).label(label).description(description).default_value("")


def _labels(name: str, label: str, query: str) -> Builder[VariableModel]:
    return (
        builders.QueryVariable(name)
        .label(label)
        .datasource(PROMETHEUS)
        .query({"query": query, "refId": name})
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(VariableOption(text="All", value="$__all"))
    )
