"""The data sources of a running stack."""

import json
import urllib.parse
import urllib.request
from collections.abc import Sequence

import msgspec
from clickhouse_connect.driver.client import Client

from grafana.preview import resolving
from grafana.preview.answers import Series, Table

TIMEOUT_SECONDS = 60
POINTS = 240
"""About the most points that a series has over the time range."""


class _Found(msgspec.Struct):
    metric: dict[str, str]
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] = []


class Live:
    """Prometheus over HTTP and a ClickHouse client."""

    def __init__(self, prometheus: str, clickhouse: Client, since: float, until: float, scrape_seconds: int) -> None:
        """Set the time range, `since` to `until`, seconds since the epoch; `prometheus`: address without path."""
        self.since = since
        self.until = until
        self._prometheus = prometheus.rstrip("/")
        self._clickhouse = clickhouse
        self._scrape_seconds = scrape_seconds

    def last(self, seconds: float) -> "Live":
        """See `Sources`."""
        since = max(self.since, self.until - seconds)
        return Live(self._prometheus, self._clickhouse, since, self.until, self._scrape_seconds)

    def at_once(self, expression: str) -> list[Series]:
        """See `Sources`; raises `OSError` when Prometheus refuses."""
        return self._ask("query", expression, self._scrape_seconds, time=self.until)

    def over_time(self, expression: str, step: int = 0) -> list[Series]:
        """See `Sources`; raises `OSError` when Prometheus refuses."""
        step = self._step_of(step)
        return self._ask("query_range", expression, step, start=self.since, end=self.until, step=step)

    def table(self, sql: str, step: int = 0) -> Table:
        """See `Sources`; raises what the client raises."""
        query = resolving.sql(sql, int(self.since), int(self.until), {}, step=self._step_of(step))
        result = self._clickhouse.query(query)
        return Table(result.column_names, result.result_rows)

    def _step_of(self, at_least: int) -> int:
        return max(at_least, self._scrape_seconds, int((self.until - self.since) / POINTS))

    def _ask(self, what: str, expression: str, at_least: int, **when: float) -> list[Series]:
        rate = max(4 * self._scrape_seconds, at_least + self._scrape_seconds)
        query = resolving.promql(expression, rate, int(self.until - self.since))
        parameters = urllib.parse.urlencode({"query": query, **when})
        address = f"{self._prometheus}/api/v1/{what}?{parameters}"
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - the user's address
            result = json.loads(response.read())["data"]["result"]
        return [_series(found) for found in msgspec.convert(result, list[_Found])]


def _series(found: _Found) -> Series:
    points: Sequence[tuple[float, str]] = [found.value] if found.value else found.values
    return Series(found.metric, [time for time, _ in points], [float(value) for _, value in points])
