"""The metrics of a worker, and when each is counted."""

from collections import Counter as Tally
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from prometheus_client import Counter

from pipeline.adapters.metrics.declared import METRICS
from pipeline.adapters.metrics.once import Once
from pipeline.adapters.metrics.registry import Registry
from pipeline.adapters.metrics.zeros import zeros
from pipeline.catalogue.touchpoint import CHANNELS, FAMILIES, Touchpoint
from pipeline.events.dead_letter import DeadLetter
from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.identity.messages import Link, Message, Recall
from pipeline.journeys.journey import Journey
from pipeline.journeys.measures import DELIVERY_DELAY, FIRST_REPLY, PAGE_LCP, QUEUE_WAIT
from pipeline.stitching.batch import Batch
from pipeline.stitching.tally import Counted

OTHER: Final = "other"
"""The label value for anything that is not in the catalogue."""
HISTOGRAMS: Final = {
    PAGE_LCP: "touchline_page_lcp_seconds",
    QUEUE_WAIT: "touchline_queue_wait_seconds",
    DELIVERY_DELAY: "touchline_delivery_delay_seconds",
    FIRST_REPLY: "touchline_first_reply_seconds",
}
"""Metric name by kind of measure."""


class TypeSeries(NamedTuple):
    """The series that count one event type, kept because looking one up by its labels costs more than counting."""

    source: str
    events: Counter
    touchpoint_events: Counter
    """Without probes."""


class Metrics(Registry):
    """The metrics of a worker.

    Label values come from the catalogue; what is not in it is counted as `other`.
    """

    def __init__(self, touchpoints: Mapping[str, Touchpoint], namespaces: Iterable[str]) -> None:
        """Register all metrics, and expose at 0 the series that are known beforehand.

        Args:
            touchpoints: The catalogue: touchpoint by event type.
            namespaces: The configured namespaces of identifiers.
        """
        super().__init__(METRICS)
        self._touchpoints = touchpoints
        self._known = {
            "touchpoint": frozenset(each.touchpoint for each in touchpoints.values()),
            "owner": frozenset(each.owner for each in touchpoints.values()),
            "channel": frozenset(CHANNELS),
            "source": frozenset(FAMILIES),
            "namespace": frozenset(namespaces),
        }
        self._measured = Once()
        self._newest: dict[str, int] = {}
        """When the last event of each source was received, milliseconds since the epoch."""
        self._of_type = {event_type: self._series_of(event_type) for event_type in touchpoints}
        for shown, labels in zeros(touchpoints, self._known["namespace"]):
            self.show(shown, labels)

    def accepted(self, taken: Collection[Event]) -> None:
        """Count the events of an ingest batch."""
        for event_type, events in _by_type(taken).items():
            series = self._of_type.get(event_type) or self._series_of(event_type)
            series.events.inc(len(events))
            series.touchpoint_events.inc(len(events) - sum([event.probe for event in events]))
            self._received(series.source, max([event.received_at for event in events]))

    def rejected(self, letters: Iterable[DeadLetter]) -> None:
        """Count dead letters."""
        for (topic, reason), count in Tally((letter.topic, letter.reason) for letter in letters).items():
            source = self._bounded("source", topic.rpartition(".")[2])
            self.counter("touchline_rejected_total").labels(source, reason.value).inc(count)

    def mail_taken(self, messages: Collection[Message]) -> None:
        """Count the links and recalls of a batch of mail."""
        # Not with `isinstance`: it takes three times as long for a struct of another class, and most are.
        links = Tally([self._namespace_of(message.at) for message in messages if type(message) is Link])
        recalls = Tally([self._namespace_of(message.mailbox) for message in messages if type(message) is Recall])
        for namespace, count in links.items():
            self.counter("touchline_identifier_links_total").labels(namespace).inc(count)
        for namespace, count in recalls.items():
            self.counter("touchline_stitch_recalls_total").labels(namespace).inc(count)

    def stitched(self, batch: Batch, saved_at: int) -> None:
        """Count a saved batch's measures, newly shared identifiers and latencies; `saved_at` in epoch milliseconds."""
        for measure in batch.measures:
            if self._measured.is_new(f"{measure.kind} {measure.about}"):
                label = measure.label if measure.kind != PAGE_LCP else self._bounded("touchpoint", measure.label)
                self.histogram(HISTOGRAMS[measure.kind]).labels(label).observe(
                    measure.seconds, _example(measure.journey_id)
                )
        for identifier in batch.shared:
            self.counter("touchline_identity_shared_total").labels(self._namespace_of(identifier)).inc()
        received: dict[str, list[int]] = {}
        for event in batch.settled:
            received.setdefault(event.type, []).append(event.received_at)
        latency = self.distribution("touchline_event_latency_seconds")
        for event_type, moments in received.items():
            latency.observe((self._source_of(event_type),), [max(0, saved_at - moment) / 1000 for moment in moments])

    def counted(self, counted: Counted) -> None:
        """Count frictions and closed journeys that no worker has counted before."""
        self._count(
            "touchline_frictions_total",
            [(self._friction_labels(friction), friction.journey_id) for friction in counted.raised],
        )
        for kind, count in Tally(gone.kind for gone in counted.withdrawn).items():
            self.counter("touchline_friction_withdrawn_total").labels(kind).inc(count)
        self._count(
            "touchline_journeys_total", [((journey.outcome,), journey.journey_id) for journey in counted.closed]
        )
        for journey in counted.closed:
            self._observe_stages(journey)

    def sink_saved(self, table: str, rows: int, seconds: float) -> None:
        """Count the rows of a successful insert, and observe its duration."""
        self.histogram("touchline_sink_seconds").labels(table).observe(seconds)
        self.counter("touchline_sink_rows_total").labels(table).inc(rows)

    def sink_failed(self, table: str) -> None:
        """Count a failed insert or query."""
        self.counter("touchline_sink_errors_total").labels(table).inc()

    def lag(self, lags: Mapping[tuple[str, int], int]) -> None:
        """Set the lag of the partitions assigned to the worker now, and drop the series of all others."""
        self._set_all("touchline_consumer_lag", _by_partition(lags))

    def positions(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Set the offset up to which all records are done, for the partitions assigned now; drop all other series."""
        self._set_all("touchline_consumer_position", _by_partition(positions))

    def standing(self, open_journeys: Mapping[str, int], at_risk: Mapping[tuple[str, str], float]) -> None:
        """Set the totals over all workers; empty mappings if another worker reports them.

        Args:
            open_journeys: Number by furthest stage.
            at_risk: Order value by touchpoint and currency.
        """
        self._set_all("touchline_open_journeys", {(stage,): count for stage, count in open_journeys.items()})
        values: dict[tuple[str, ...], float] = {}
        for (touchpoint, currency), value in at_risk.items():
            labels = self._bounded("touchpoint", touchpoint), _currency(currency)
            values[labels] = values.get(labels, 0.0) + value
        self._set_all("touchline_order_value_at_risk", values)

    def _received(self, source: str, at: int) -> None:
        """Note when an event was received, if it is the newest: lagging partitions deliver older ones later."""
        if at > self._newest.get(source, 0):
            self._newest[source] = at
            self.gauge("touchline_source_last_event_timestamp_seconds").labels(source).set(at / 1000)

    def _set_all(self, name: str, values: Mapping[tuple[str, ...], float]) -> None:
        gauge = self.gauge(name)
        gauge.clear()
        for labels, value in values.items():
            gauge.labels(*labels).set(value)

    def _series_of(self, event_type: str) -> TypeSeries:
        """The series that an event type is counted in; they are exposed from now on."""
        touchpoint = self._touchpoints.get(event_type)
        source = self._source_of(event_type)
        labels = (touchpoint.touchpoint, touchpoint.owner, touchpoint.stage) if touchpoint else (OTHER,) * 3
        return TypeSeries(
            source,
            self.counter("touchline_events_total").labels(source, event_type if touchpoint else OTHER),
            self.counter("touchline_touchpoint_events_total").labels(*labels),
        )

    def _count(self, name: str, found: Iterable[tuple[tuple[str, ...], str]]) -> None:
        """Increment series by their labels; the last journey of each is its exemplar, as a series exposes only one."""
        journeys: dict[tuple[str, ...], list[str]] = {}
        for labels, journey_id in found:
            journeys.setdefault(labels, []).append(journey_id)
        for labels, names in journeys.items():
            series = self.counter(name).labels(*labels)
            series.inc(len(names) - 1)
            series.inc(exemplar=_example(names[-1]))

    def _friction_labels(self, friction: Friction) -> tuple[str, ...]:
        return (
            friction.kind,
            self._bounded("touchpoint", friction.touchpoint),
            self._bounded("owner", friction.owner),
            self._bounded("channel", friction.channel),
            str(friction.severity),
            str(int(friction.probe)),
        )

    def _observe_stages(self, journey: Journey) -> None:
        for (stage, began), (following, then) in pairwise(journey.stages):
            self.histogram("touchline_stage_seconds").labels(stage, following).observe(
                (then - began) / 1000, _example(journey.journey_id)
            )

    def _source_of(self, event_type: str) -> str:
        return self._bounded("source", event_type.partition(".")[0])

    def _namespace_of(self, identifier: str) -> str:
        return self._bounded("namespace", identifier.partition(":")[0])

    def _bounded(self, label: str, value: str) -> str:
        return value if value in self._known[label] else OTHER


def _by_type(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        of_type = found.get(event.type)
        if of_type is None:
            found[event.type] = [event]
        else:
            of_type.append(event)
    return found


def _example(journey_id: str) -> dict[str, str]:
    return {"journey_id": journey_id}


def _by_partition(values: Mapping[tuple[str, int], int]) -> dict[tuple[str, ...], float]:
    return {(topic, str(partition)): value for (topic, partition), value in values.items()}


def _currency(text: str) -> str:
    """A currency comes from event content: anything but three capital letters, empty or `mixed` becomes `other`."""
    return text if text in ("", "mixed") or (len(text) == 3 and text.isascii() and text.isupper()) else OTHER
