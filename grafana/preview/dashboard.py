"""The parts of a dashboard's JSON that a preview needs."""

from pathlib import Path
from typing import Any

import msgspec

DASHBOARDS = Path(__file__).parent.parent / "dashboards"


class Place(msgspec.Struct, frozen=True):
    """Position and size of a panel on the grid of 24 columns, in cells."""

    x: int
    y: int
    w: int
    h: int


class Step(msgspec.Struct, frozen=True):
    """A threshold: the lowest value that has the colour; None: no lower bound."""

    color: str
    value: float | None = None


class Thresholds(msgspec.Struct, frozen=True):
    """Thresholds, the lowest first."""

    steps: tuple[Step, ...]

    def colour(self, value: float) -> str:
        """The colour of a value."""
        found = self.steps[0].color
        for step in self.steps[1:]:
            if step.value is not None and value >= step.value:
                found = step.color
        return found


class Defaults(msgspec.Struct, frozen=True, rename="camel"):
    """How values are shown."""

    unit: str = "short"
    thresholds: Thresholds = Thresholds((Step("blue"),))
    custom: dict[str, Any] = {}
    no_value: str = "No data"


class Matcher(msgspec.Struct, frozen=True):
    """The column that an override is about."""

    options: str


class Property(msgspec.Struct, frozen=True):
    """A property that an override sets."""

    id: str
    value: Any


class Override(msgspec.Struct, frozen=True):
    """Properties that apply to one column."""

    matcher: Matcher
    properties: tuple[Property, ...]


class FieldConfig(msgspec.Struct, frozen=True):
    """How values are shown, with exceptions for single columns."""

    defaults: Defaults = Defaults()
    overrides: tuple[Override, ...] = ()


class Target(msgspec.Struct, frozen=True, rename="camel"):
    """A query: PromQL in `expr`, or SQL in `raw_sql`."""

    expr: str = ""
    raw_sql: str = ""
    instant: bool = False
    legend_format: str = "__auto"


class Panel(msgspec.Struct, frozen=True, rename="camel"):
    """A panel, or the heading of a row."""

    type: str
    title: str
    grid_pos: Place
    description: str = ""
    field_config: FieldConfig = FieldConfig()
    targets: tuple[Target, ...] = ()
    interval: str = ""

    @property
    def seconds(self) -> int:
        """The shortest step of its charts, seconds."""
        return seconds(self.interval) if self.interval else 0

    def column(self, name: str, what: str) -> object:
        """A property that an override sets for a column; None if none does."""
        for override in self.field_config.overrides:
            if override.matcher.options == name:
                for one in override.properties:
                    if one.id == what:
                        return one.value
        return None


class Since(msgspec.Struct, frozen=True, rename={"begin": "from"}):
    """The time range that a dashboard opens with; it ends now."""

    begin: str

    @property
    def seconds(self) -> int:
        """Its length, seconds."""
        return seconds(self.begin.removeprefix("now-"))


class Dashboard(msgspec.Struct, frozen=True):
    """A dashboard."""

    title: str
    uid: str
    description: str
    time: Since
    panels: tuple[Panel, ...]

    @property
    def rows(self) -> int:
        """Height of the grid, in cells."""
        return max(panel.grid_pos.y + panel.grid_pos.h for panel in self.panels)


def seconds(text: str) -> int:
    """A length of time such as `6h` in seconds."""
    return int(text[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[text[-1]]


def load(path: Path) -> Dashboard:
    """Read a dashboard; raises `msgspec.ValidationError` if it is none."""
    return msgspec.json.decode(path.read_bytes(), type=Dashboard)
