"""The two data sources, and queries to them."""

import re
from typing import Final

from grafana_foundation_sdk.builders import prometheus as builders
from grafana_foundation_sdk.cog import builder, variants
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from pipeline.adapters.metrics import METRICS

PROMETHEUS: Final = DataSourceRef("prometheus", "prometheus")
CLICKHOUSE: Final = DataSourceRef("grafana-clickhouse-datasource", "clickhouse")
"""Types and uids are those of `provisioning/datasources`."""

_METRIC: Final = re.compile(r"\btouchline_\w+?(?=_bucket\b|\b)")
_WITH_JOURNEYS: Final = frozenset(metric.name for metric in METRICS if metric.exemplars)

Query = builder.Builder[variants.Dataquery]


def over_time(expression: str, legend: str = "") -> builders.Dataquery:
    """PromQL, as a line for each series; with exemplars if the metric has some."""
    query = builders.Dataquery().expr(expression).legend_format(legend or "__auto").range().datasource(PROMETHEUS)
    return query.exemplar(True) if _WITH_JOURNEYS.intersection(_METRIC.findall(expression)) else query


def at_once(expression: str, legend: str = "") -> builders.Dataquery:
    """PromQL, one value for each series, at the end of the time range."""
    return builders.Dataquery().expr(expression).legend_format(legend or "__auto").instant().datasource(PROMETHEUS)


def buckets(expression: str) -> builders.Dataquery:
    """PromQL of a histogram's buckets, for a heatmap."""
    query = builders.Dataquery().expr(expression).legend_format("{{le}}").range().datasource(PROMETHEUS)
    return query.format(PromQueryFormat.HEATMAP)


class _ClickHouseQuery(variants.Dataquery):
    """A query for the ClickHouse plugin, of which the SDK has no model."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.ref_id = ""

    def to_json(self) -> dict[str, object]:
        return {
            "datasource": CLICKHOUSE,
            "editorType": "sql",
            "format": 1,
            "queryType": "table",
            "rawSql": self.sql,
            "refId": self.ref_id,
        }


class Sql(builder.Builder[variants.Dataquery]):
    """SQL for ClickHouse, with a table as its result."""

    def __init__(self, sql: str, **parts: str) -> None:
        """Write a query.

        Args:
            sql: A statement with the plugin's macros, such as `$__timeFilter(time)`.
            parts: Replacements by name: `chosen` replaces `{chosen}`, and so on.
        """
        for name, part in parts.items():
            sql = sql.replace(f"{{{name}}}", part)
        self._query = _ClickHouseQuery(sql.strip())

    def name(self, letter: str) -> None:
        """Give it a reference id."""
        self._query.ref_id = letter

    def build(self) -> variants.Dataquery:
        """The query."""
        return self._query


def named(queries: tuple[Query, ...]) -> list[Query]:
    """Set the reference ids of the queries to A, B, C and so on."""
    for position, query in enumerate(queries):
        letter = chr(ord("A") + position)
        if isinstance(query, builders.Dataquery):
            query.ref_id(letter)
        elif isinstance(query, Sql):
            query.name(letter)
    return list(queries)
