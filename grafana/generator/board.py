"""A dashboard: rows of panels, laid out from left to right, and a menu of all dashboards."""

from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    GridPos,
    VariableModel,
)

from grafana.generator.panel import Panel
from grafana.generator.variables import runbook

COLUMNS = 24
TAG = "touchline"


@dataclass(frozen=True)
class Row:
    """A heading with its panels."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Board:
    """A dashboard."""

    name: str
    """Name of the file, and last part of the uid."""
    title: str
    description: str
    variables: tuple[Builder[VariableModel], ...]
    rows: tuple[Row, ...]
    since: str = "now-24h"
    refresh: str = "15s"

    @property
    def uid(self) -> str:
        """Grafana's id of the dashboard, which links use."""
        return f"touchline-{self.name}"

    def json(self) -> str:
        """The dashboard as Grafana reads it."""
        return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(self._build()) + "\n"

    def _build(self) -> object:
        made = (
            builders.Dashboard(self.title)
            .uid(self.uid)
            .description(self.description)
            .tags([TAG])
            .timezone("browser")
            .time(self.since, "now")
            .refresh(self.refresh)
            .tooltip(DashboardCursorSync.CROSSHAIR)
            .variables([*self.variables, runbook()])
            .link(_others())
        )
        number, y = 1, 0
        for row in self.rows:
            made.with_row(builders.Row(row.title).id(number).grid_pos(GridPos(h=1, w=COLUMNS, x=0, y=y)))
            number, y = number + 1, y + 1
            x, tallest = 0, 0
            for panel in row.panels:
                if x + panel.width > COLUMNS:
                    x, y, tallest = 0, y + tallest, 0
                made.with_panel(panel.build(number, x, y))
                number, x, tallest = number + 1, x + panel.width, max(tallest, panel.height)
            y += tallest
        return made.build()


def _others() -> builders.DashboardLink:
    link = builders.DashboardLink("Touchline").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.as_dropdown(True).include_vars(True).keep_time(True)
