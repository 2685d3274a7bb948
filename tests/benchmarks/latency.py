"""How long an event takes from being sent to being visible, and to being counted as a friction, at several loads."""

import time
from typing import Final

from tests.benchmarks.load import retail_records
from tests.benchmarks.measuring import cpu_seconds, percentile
from tests.benchmarks.section import Bench, Plot, Row, Section
from tests.benchmarks.site import Database, new_broker, new_database, new_endpoint
from tests.benchmarks.traffic import Traffic, marker_customer
from tests.benchmarks.worker import Workers, complete_job
from tests.servers.clickhouse import ClickHouseProcess

LOOK_SECONDS: Final = 0.05
"""Time between queries for markers."""
SCRAPE_SECONDS: Final = 0.05
"""Time between scrapes of the one counter."""
PATIENCE_SECONDS: Final = 60.0
ASKED_AT_ONCE: Final = 200


class Watch:
    """Notes when markers are first seen."""

    def __init__(self, traffic: Traffic, workers: Workers, database: Database) -> None:
        self.visible: dict[int, float] = {}
        """Seconds from sending a marker until it is visible, by the marker's number."""
        self.counted: list[float] = []
        """Seconds from sending a marker until its friction is counted, in the order of sending."""
        self._traffic = traffic
        self._workers = workers
        self._database = database
        self._scraped = 0.0

    def until_all_are_seen(self) -> None:
        """Look until the traffic has ended and every marker was seen.

        Raises:
            RuntimeError: Some are still missing `PATIENCE_SECONDS` after the traffic's end.
        """
        deadline = None
        while deadline is None or time.monotonic() < deadline:
            self._look()
            self._scrape()
            if not self._traffic.is_alive():
                deadline = deadline or time.monotonic() + PATIENCE_SECONDS
                if min(len(self.visible), len(self.counted)) == len(self._traffic.sent_at):
                    return
            time.sleep(LOOK_SECONDS)
        raise RuntimeError(f"of {len(self._traffic.sent_at)} markers {len(self.visible)} arrived")

    def _look(self) -> None:
        sent = self._traffic.sent_at
        waiting = [number for number in range(len(sent)) if number not in self.visible][:ASKED_AT_ONCE]
        if not waiting:
            return
        names = ", ".join(f"'{marker_customer(number)}'" for number in waiting)
        found = self._database.rows(f"SELECT DISTINCT customer FROM touchpoint_rows WHERE customer IN ({names})")
        now = time.monotonic()
        arrived = {str(customer) for (customer,) in found}
        self.visible |= {number: now - sent[number] for number in waiting if marker_customer(number) in arrived}

    def _scrape(self) -> None:
        """Only markers are probes, each with one friction, so the n-th one counted is taken for the n-th one sent."""
        if len(self.counted) == len(self._traffic.sent_at) or time.monotonic() < self._scraped + SCRAPE_SECONDS:
            return
        raised = int(self._workers.counted("touchline_frictions_total", probe="1"))
        self._scraped = time.monotonic()
        self.counted += [self._scraped - sent for sent in self._traffic.sent_at[len(self.counted) : raised]]


def measure(bench: Bench) -> list[Row]:
    """Measure each load on an empty store."""
    with new_endpoint() as endpoint:
        capacity = capacity_of(bench, endpoint)
        return [_at_load(bench, endpoint, share, capacity * share) for share in bench.scale.loads]


def capacity_of(bench: Bench, endpoint: ClickHouseProcess) -> float:
    """Events per second of one worker on filled topics, measured once for all sections."""
    if not bench.capacity:
        records = retail_records(bench.scale.events)
        with new_broker() as broker, new_database(endpoint) as database:
            bench.capacity = complete_job(broker, database, records).rate
    return bench.capacity


def _at_load(bench: Bench, endpoint: ClickHouseProcess, share: float, rate: float) -> Row:
    warm_up = bench.scale.seconds / 3
    records = retail_records(int(rate * (warm_up + bench.scale.seconds)))
    with new_broker() as broker, new_database(endpoint) as database, Workers(broker, database) as workers:
        workers.wait_until_ready()
        traffic = Traffic(broker, records, rate, warm_up)
        watch = Watch(traffic, workers, database)
        used, sink = workers.cpu_seconds(), cpu_seconds(endpoint.process_id)
        traffic.start()
        watch.until_all_are_seen()
        used, sink = workers.cpu_seconds() - used, cpu_seconds(endpoint.process_id) - sink
        journeys = workers.counted("touchline_sink_rows_total", table="journey_rows")
    visible = list(watch.visible.values())
    bench.say(f"{share:.0%}: visible after {percentile(visible, 50):.2f} s, 99 % after {percentile(visible, 99):.2f} s")
    return (
        f"{share:.0%} of capacity",
        traffic.sent / traffic.seconds,
        len(visible),
        percentile(visible, 50),
        percentile(visible, 99),
        max(visible),
        percentile(watch.counted, 50),
        percentile(watch.counted, 99),
        used / traffic.sent * 1e6,
        sink / traffic.sent * 1e6,
        journeys / traffic.sent,
    )


SECTION: Final = Section(
    key="latency",
    title="Latency",
    method=f"""
        One worker under live traffic at shares of the capacity that it has on filled topics; the producer shares the
        machine. Ten markers a second, each a customer of its own that meets an error, are followed from the moment in
        which they are handed to the producer: to the first query that finds them (one every {LOOK_SECONDS} s), and to
        the scrape of `/metrics?name[]=touchline_frictions_total` that has counted their friction (one every
        {SCRAPE_SECONDS} s). The first quarter of the time is for warming up. CPU includes that of looking.
    """,
    columns=(
        "load",
        "events/s",
        "markers",
        "visible p50, s",
        "visible p99, s",
        "visible max, s",
        "counter p50, s",
        "counter p99, s",
        "CPU µs/event",
        "ClickHouse CPU µs/event",
        "journey rows written per event",
    ),
    measure=measure,
    plots=(Plot(kind="bars", x=("load",), y=("visible p50, s", "visible p99, s", "counter p99, s"), label="seconds"),),
)
