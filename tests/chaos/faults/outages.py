"""What workers need taken away, while more waits for it than they may take on."""

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
"""Characters of each of them: all together are more than a worker may take on."""
VISITORS: Final = 2_000
MOST_MIB: Final = 150.0
"""By how much a worker may grow: eight batches of 2 MiB ahead for a family, as many of mail, and what is in hand."""
TABLES: Final = "SELECT name FROM system.tables WHERE database = {database:String} AND endsWith(name, '_rows')"


class Outage(Fault):
    """Something is away; large events come meanwhile, and the workers' memory is looked at."""

    seconds = 45.0
    stops_all = True
    piles_up: ClassVar[bool] = True
    """Whether the brokers take events meanwhile."""
    ends_one: ClassVar[bool] = False
    """Whether the last worker is killed, and no other may end."""

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
        """Take it away and give it back."""

    def strike(self, site: Site, chance: Random, number: int) -> None:
        """Take it away, and pile events up before it."""
        self._began = self._began or time.monotonic()
        self._spared = site.workers[:-1] if self.ends_one else ()
        with contextmanager(self.away)(site):
            if self.piles_up:
                self._pile_up(site, number)
            self.last()

    def notes(self) -> tuple[str, ...]:
        """What waited, and by how much a worker grew."""
        return tuple(self._said)

    def problems(self, watch: Watch, memory: Memory) -> tuple[str, ...]:
        """A worker at work that did not wait, or that took on more than it may until everything was stored."""
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
    """Every table refuses inserts, by the setting `table_readonly`; a replica that has lost its Keeper does so, too."""

    name = "read-only-clickhouse"
    summary = "the tables of ClickHouse read-only for 45 s"
    spares_workers = True

    def away(self, site: Site) -> Iterator[None]:
        """Set it, and take it back."""
        _alter(site, "MODIFY SETTING table_readonly = 1")
        yield
        _alter(site, "MODIFY SETTING table_readonly = 0")


class NoClickHouse(Outage):
    """The endpoint is away for one worker that is at work, and for one that starts."""

    name = "no-clickhouse"
    summary = "the ClickHouse endpoint away for 45 s, one worker killed and started without it"
    ends_one = True

    def away(self, site: Site) -> Iterator[None]:
        """Kill both, and start the endpoint again."""
        site.clickhouse.kill()
        site.workers[-1].kill()
        yield
        site.clickhouse.start()


class NoBrokers(Outage):
    """All brokers are away for one worker that is at work, and for one that starts.

    The first may end, too: it does so once something that it sent was not acknowledged for a minute.
    """

    name = "no-brokers"
    summary = "all brokers away for 45 s, one worker killed and started without them"
    stops_all = False
    """What was acknowledged may all be stored when they go: then nothing waits."""
    piles_up = False

    def away(self, site: Site) -> Iterator[None]:
        """Kill all, and start them again."""
        for broker in site.cluster.brokers:
            broker.kill()
        site.workers[-1].kill()
        yield
        for broker in site.cluster.brokers:
            broker.start()
        site.cluster.wait_until_complete()


def large_events(number: int) -> Iterator[Event]:
    """Page views of a few visitors with a long text each."""
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
