"""Panels: what they show, without their position on the dashboard."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    DashboardLink,
    DashboardLinkType,
    DynamicConfigValue,
    FieldColorModeId,
    GridPos,
    Threshold,
    ThresholdsMode,
)

from grafana.generator.sources import CLICKHOUSE, PROMETHEUS, Query, Sql, named

Step = tuple[float | None, str]
"""The lowest value that has the colour (None: no lower bound), and the colour."""

NEUTRAL: Final[tuple[Step, ...]] = ((None, "blue"),)

_AS_HERE: Final = "${__url_time_range}&${__all_variables}"
"""Query string of a link that keeps the time range and the chosen values."""
_LEGEND: Final = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}
_HEAT: Final = {
    "mode": "scheme",
    "scheme": "Oranges",
    "fill": "dark-orange",
    "exponent": 0.5,
    "steps": 64,
    "reverse": False,
}
_TOOLTIP: Final = {"mode": "multi", "sort": "desc"}
_LAST: Final = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS: Final[Mapping[str, Mapping[str, object]]] = {
    "timeseries": {"legend": _LEGEND, "tooltip": _TOOLTIP},
    "stat": {"reduceOptions": _LAST, "colorMode": "value", "graphMode": "area", "textMode": "auto"},
    "bargauge": {"reduceOptions": _LAST, "orientation": "horizontal", "displayMode": "basic", "showUnfilled": True},
    "table": {"showHeader": True, "cellHeight": "sm"},
    "barchart": {"orientation": "horizontal", "legend": {**_LEGEND, "showLegend": False}, "tooltip": _TOOLTIP},
    "heatmap": {"calculate": False, "yAxis": {"unit": "s"}, "color": _HEAT},
}


@dataclass(frozen=True)
class Panel:
    """One panel."""

    kind: str
    """Grafana's panel type: `timeseries`, `stat`, `bargauge`, `table`, `barchart` or `heatmap`."""
    title: str
    description: str
    """What it counts, over what, which values are good, and what to do otherwise."""
    queries: tuple[Query, ...]
    unit: str = "short"
    """Grafana's id of the unit."""
    width: int = 8
    """In columns, of which there are 24."""
    height: int = 8
    steps: tuple[Step, ...] = NEUTRAL
    """Thresholds."""
    runbook: str = ""
    """Heading of an entry in the runbook; empty: no link."""
    drill_down: str = ""
    """Path of a dashboard that shows more; empty: no link."""
    interval: str = ""
    """The shortest time that one point of a chart covers, so that rare events are not drawn as spikes.

    It is set on the panel, as a query's own minimum step would count four times: `$__rate_interval` is at least four
    times that step.
    """
    stacked: bool = False
    lines: bool = False
    """Whether a chart shows the thresholds as lines."""
    columns: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Properties of a table's columns, by column name."""

    def build(self, number: int, x: int, y: int) -> builders.Panel:
        """Return the panel with its id and position."""
        panel = (
            builders.Panel()
            .type(self.kind)
            .id(number)
            .title(self.title)
            .description(self.description)
            .datasource(CLICKHOUSE if isinstance(self.queries[0], Sql) else PROMETHEUS)
            .targets(named(self.queries))
            .grid_pos(GridPos(h=self.height, w=self.width, x=x, y=y))
            .unit(self.unit)
            .thresholds(_thresholds(self.steps))
            .color_scheme(_colour(self.kind))
            .custom(_custom(self))
            .options(dict(_OPTIONS[self.kind]))
            .no_value("nothing yet")
            .links(_links(self))
        )
        if self.interval:
            panel.interval(self.interval)
        for column, properties in self.columns.items():
            panel.override_by_name(column, [DynamicConfigValue(name, value) for name, value in properties.items()])
        return panel


def _thresholds(steps: tuple[Step, ...]) -> builders.ThresholdsConfig:
    made = [Threshold(value, colour) for value, colour in steps]
    return builders.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(made)


def _colour(kind: str) -> builders.FieldColor:
    by_value = kind in ("stat", "bargauge")
    return builders.FieldColor().mode(FieldColorModeId.THRESHOLDS if by_value else FieldColorModeId.PALETTE_CLASSIC)


def _custom(panel: Panel) -> dict[str, object]:
    if panel.kind != "timeseries":
        return {}
    custom: dict[str, object] = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "never"}
    if panel.stacked:
        custom |= {"drawStyle": "bars", "fillOpacity": 80, "stacking": {"mode": "normal", "group": "A"}}
    if panel.lines:
        custom |= {"fillOpacity": 0, "thresholdsStyle": {"mode": "dashed"}}
    return custom


def _links(panel: Panel) -> list[Builder[DashboardLink]]:
    links = []
    if panel.drill_down:
        links.append(("Look closer", f"{panel.drill_down}?{_AS_HERE}"))
    if panel.runbook:
        links.append((f"Runbook: {panel.runbook}", f"${{runbook}}#{panel.runbook.lower()}"))
    return [
        builders.DashboardLink(title).type(DashboardLinkType.LINK).url(url).target_blank(title != "Look closer")
        for title, url in links
    ]


def opens(url: str, title: str) -> dict[str, object]:
    """Return the properties of a column whose values link to `url`."""
    return {"links": [{"title": title, "url": url}]}
