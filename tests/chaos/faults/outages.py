"""Services that workers depend on are away, while more events wait than the workers may take in."""

import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from random import Random
from typing import ClassVar, Final

import orjson

from pipeline.adapters.broker.producer import EventProducer
from pipeline.adapters.broker.servers import Servers
from pipeline.adapters.clickhouse.client import connect
from pipeline.catalogue.topics import raw_topic
from pipeline.settings.kafka import Kafka
from tests.chaos.answer import DATABASE
from tests.chaos.fault import EVENTS_PER_SECOND, Fault
from tests.chaos.memory import MEBIBYTE, Memory
from tests.chaos.site import Site
from tests.chaos.watch import Watch
from tests.chaos.workers import WorkerProcess
from tests.end_to_end.events import Event, event

LARGE_EVENTS: Final = 15_000
TEXT: Final = 4_000
"""Characters of each large event: all together are more than a worker may take in."""
VISITORS: Final = 2_000
MOST_MIB: Final = 150.0
"""How much a worker may grow: eight batches of 2 MiB ahead for a family, as many of mail, and those in progress."""
TABLES: Final = "SELECT name FROM system.tables WHERE database = {database:String} AND endsWith(name, '_rows')"


class Outage(Fault):
    """Something is away; large events arrive meanwhile, and the workers' memory is checked."""

    seconds = 45.0
    stops_all = True
    piles_up: ClassVar[bool] = True
    """Whether the brokers accept events meanwhile."""
    ends_one: ClassVar[bool] = False
    """Whether it kills the last worker; no other one may end."""

    def __init__(
        self, times: int | None = None, seconds: float | None = None, per_second: int = EVENTS_PER_SECOND
    ) -> None:
        super().__init__(times, seconds, per_second)
        self._began = 0.0
        self._waiting = 0
        self._said: list[str] = []
        self._spared: Sequence[WorkerProcess] = ()

    @abstractmethod
    def away(self, site: Site) -> Iterator[None]:
        """Take the service away, and bring it back."""

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Take the service away, and let events pile up."""
        self._began = self._began or time.monotonic()
        self._spared = site.workers[:-1] if self.ends_one else ()
        with contextmanager(self.away)(site):
            if self.piles_up:
                self._pile_up(site, number)
            self.last()

    def notes(self) -> tuple[str, ...]:
        """How much waited, and the workers' memory."""
        return tuple(self._said)

    def problems(self, watch: Watch, memory: Memory) -> tuple[str, ...]:
        """Workers that ended instead of waiting, or that grew by more than they may until everything was stored."""
        before, most = memory.most("worker", until=self._began), memory.most("worker", since=self._began)
        if self._waiting:
            self._said.append(f"{self._waiting / MEBIBYTE:.0f} MiB of events waited")
        self._said.append(f"workers had {before:.0f} MiB before, {most:.0f} MiB at most")
        wrong = [f"worker {worker.index}, which was at work, ended" for worker in self._spared if worker.ends]
        if not before or not most:
            wrong.append("the memory of no worker was seen")
        if most - before > MOST_MIB:
            wrong.append(f"a worker grew by {most - before:.0f} MiB")
        return tuple(wrong)

    def _pile_up(self, site: Site, number: int) -> None:
        events = [orjson.dumps(one) for one in islice(large_events(number), LARGE_EVENTS)]
        with EventProducer(Servers(site.cluster.servers, Kafka())) as producer:
            for one in events:
                producer.send(raw_topic("web"), one)
            producer.flush()
            assert producer.failed == 0, "the brokers did not take an event"
        self.sent += events
        self._waiting += sum(map(len, events))


class ReadOnlyClickHouse(Outage):
    """Every table refuses inserts, by the setting `table_readonly`, as a replica does that has lost its Keeper."""

    name = "read-only-clickhouse"
    summary = "the tables of ClickHouse read-only for 45 s"
    spares_workers = True

    def away(self, site: Site) -> Iterator[None]:
        """Set it, and reset it."""
        _alter(site, "MODIFY SETTING table_readonly = 1")
        yield
        _alter(site, "MODIFY SETTING table_readonly = 0")


class NoClickHouse(Outage):
    """The endpoint is away both for a running worker and for one that starts."""

    name = "no-clickhouse"
    summary = "the ClickHouse endpoint away for 45 s, one worker killed and started without it"
    ends_one = True

    def away(self, site: Site) -> Iterator[None]:
        """Kill the endpoint and a worker, and start the endpoint again."""
        site.clickhouse.kill()
        site.workers[-1].kill()
        yield
        site.clickhouse.start()


class NoBrokers(Outage):
    """All brokers are away both for a running worker and for one that starts.

    The running one may end, too: it does so once something that it sent was not acknowledged for a minute.
    """

    name = "no-brokers"
    summary = "all brokers away for 45 s, one worker killed and started without them"
    stops_all = False
    """All acknowledged events may be stored when the brokers go: then nothing waits."""
    piles_up = False

    def away(self, site: Site) -> Iterator[None]:
        """Kill all brokers and a worker, and start the brokers again."""
        for broker in site.cluster.brokers:
            broker.kill()
        site.workers[-1].kill()
        yield
        for broker in site.cluster.brokers:
            broker.start()
        site.cluster.wait_until_complete()


def large_events(number: int) -> Iterator[Event]:
    """Page views with a long text each, of `VISITORS` visitors, without an end."""
    count = 0
    while True:
        count += 1
        visitor = {"anonymous_id": f"outage-{number}-{count % VISITORS}"}
        text = f"{count:08d}" * (TEXT // 8)
        yield event("web.page_viewed", f"large-{number}-{count}", "2026-03-01T10:00:00Z", visitor, url="/p", text=text)


def _alter(site: Site, change: str) -> None:
    client = connect(site.url)
    try:
        for (table,) in client.query(TABLES, parameters={"database": DATABASE}).result_rows:
            client.command(f"ALTER TABLE {table} {change}")
    finally:
        client.close()
