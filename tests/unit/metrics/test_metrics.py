from collections.abc import Iterator

import msgspec
from prometheus_client import Counter, Histogram
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.openmetrics import parser as open_metrics
from prometheus_client.parser import text_string_to_metric_families

from pipeline.adapters.metrics import METRICS, Metrics
from pipeline.adapters.metrics.counting import HISTOGRAMS
from pipeline.adapters.metrics.distribution import Distribution
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.dead_letter import DeadLetter, Reason
from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.identity.messages import Link, Recall
from pipeline.journeys.measures import Measure
from pipeline.stitching.batch import Batch, Withdrawal
from pipeline.stitching.tally import Counted
from tests.contract.samples import make_journey

CATALOGUE = {"web.clicked": Touchpoint("web.clicked", "website", "discover", "", "web", "digital")}
JOURNEY_ID = "1" * 32
PROMETHEUS_ACCEPTS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
"""What version 2.42 sends, about."""


def metrics() -> Metrics:
    return Metrics(CATALOGUE, ["customer_id", "device_id"])


def value(counted: Metrics, name: str, **labels: str) -> float | None:
    return counted.registry.get_sample_value(name, labels)


def event(event_type: str = "web.clicked", probe: bool = False, received_at: int = 5_000) -> Event:
    return Event("/shop", "1", event_type, 1, received_at, ("device_id:1",), "web", probe, 1, b"{}")


def friction(owner: str = "digital") -> Friction:
    return Friction(
        friction_id="0" * 32,
        kind="rage_click",
        severity=2,
        time=1,
        customer="device_id:1",
        journey_id=JOURNEY_ID,
        touchpoint="website",
        owner=owner,
        channel="web",
        evidence=("1",),
    )


def rich_families(body: bytes) -> Iterator[Family]:
    families: Iterator[Family] = open_metrics.text_string_to_metric_families(body.decode())  # type: ignore[no-untyped-call] # not annotated by the client
    return families


def test_every_declared_metric_is_exposed() -> None:
    families = {family.name for family in text_string_to_metric_families(metrics().exposition()[0].decode())}
    for metric in METRICS:
        assert metric.name.removesuffix("_total") in families


def test_counters_say_total_and_histograms_have_buckets() -> None:
    for metric in METRICS:
        assert metric.name.endswith("_total") == (metric.kind is Counter)
        assert bool(metric.buckets) == (metric.kind in (Histogram, Distribution))
        assert list(metric.buckets) == sorted(metric.buckets)
        assert metric.help


def test_two_processes_worth_of_metrics_do_not_meet() -> None:
    one, other = metrics(), metrics()
    one.accepted([event()])
    assert value(other, "touchline_events_total", source="web", type="web.clicked") == 0


def test_events_are_counted_by_type_and_touchpoint() -> None:
    counted = metrics()
    counted.accepted([event(), event(probe=True), event(received_at=9_000)])
    assert value(counted, "touchline_events_total", source="web", type="web.clicked") == 3
    labels = {"touchpoint": "website", "owner": "digital", "stage": "discover"}
    assert value(counted, "touchline_touchpoint_events_total", **labels) == 2
    assert value(counted, "touchline_source_last_event_timestamp_seconds", source="web") == 9


def test_a_source_was_last_heard_of_when_the_newest_of_its_events_came() -> None:
    counted = metrics()
    counted.accepted([event(received_at=9_000), event("web.moved", received_at=5_000), event(received_at=7_000)])
    assert value(counted, "touchline_source_last_event_timestamp_seconds", source="web") == 9
    counted.accepted([event(received_at=6_000)])  # of a partition that lags behind
    assert value(counted, "touchline_source_last_event_timestamp_seconds", source="web") == 9


def test_what_is_not_in_the_catalogue_is_other() -> None:
    counted = metrics()
    counted.accepted([event("gossip.heard")])
    assert value(counted, "touchline_events_total", source="other", type="other") == 1
    counted.counted(Counted(raised=[friction(owner="nobody")]))
    labels = {"kind": "rage_click", "touchpoint": "website", "owner": "other", "channel": "web", "severity": "2"}
    assert value(counted, "touchline_frictions_total", **labels, probe="0") == 1


def test_rejections_are_counted_by_source_and_reason() -> None:
    letter = DeadLetter(
        topic="touchpoints.web",
        partition=0,
        offset=0,
        index=0,
        received_at=0,
        reason=Reason.BAD_TIME,
        detail="",
        type="",
        payload=b"",
    )
    counted = metrics()
    counted.rejected([letter, letter])
    assert value(counted, "touchline_rejected_total", source="web", reason="bad_time") == 2


def test_mail_and_outcomes_are_counted() -> None:
    counted = metrics()
    counted.mail_taken([Link("device_id:1", "customer_id:1", 0), Recall("customer_id:1", "device_id:1", 2)])
    counted.counted(Counted(withdrawn=[Withdrawal("0" * 32, "late_delivery")]))
    counted.stitched(Batch(shared=["device_id:9"]), saved_at=0)
    assert value(counted, "touchline_identifier_links_total", namespace="device_id") == 1
    assert value(counted, "touchline_stitch_recalls_total", namespace="device_id") == 1
    assert value(counted, "touchline_friction_withdrawn_total", kind="late_delivery") == 1
    assert value(counted, "touchline_identity_shared_total", namespace="device_id") == 1


def test_latency_is_that_of_events_that_came_to_stay() -> None:
    counted = metrics()
    counted.stitched(Batch(settled=[event(received_at=5_000)]), saved_at=5_250)
    assert value(counted, "touchline_event_latency_seconds_sum", source="web") == 0.25


def test_each_thing_is_measured_once() -> None:
    counted = metrics()
    wait = Measure("queue_wait", "store", 90.0, "q", JOURNEY_ID)
    counted.stitched(Batch(measures=[wait, Measure("page_lcp", "attic", 2.0, "p", JOURNEY_ID)]), saved_at=0)
    counted.stitched(Batch(measures=[wait]), saved_at=0)
    assert value(counted, "touchline_queue_wait_seconds_count", channel="store") == 1
    assert value(counted, "touchline_page_lcp_seconds_sum", touchpoint="other") == 2


def test_closed_journeys_tell_their_outcome_and_the_time_between_stages() -> None:
    stages = (("discover", 0), ("buy", 60_000), ("receive", 100_000))
    journey = msgspec.structs.replace(make_journey(), probe=False, stages=stages)
    counted = metrics()
    counted.counted(Counted(closed=[journey]))
    assert value(counted, "touchline_journeys_total", outcome="converted") == 1
    assert value(counted, "touchline_stage_seconds_sum", from_stage="discover", to_stage="buy") == 60
    assert value(counted, "touchline_stage_seconds_sum", from_stage="buy", to_stage="receive") == 40


def test_rejections_and_events_show_from_the_start() -> None:
    counted = metrics()
    assert value(counted, "touchline_rejected_total", source="web", reason="not_json") == 0
    assert value(counted, "touchline_events_total", source="web", type="web.clicked") == 0
    assert value(counted, "touchline_identity_shared_total", namespace="device_id") == 0
    assert value(counted, "touchline_journeys_total", outcome="advocated") == 0
    assert value(counted, "touchline_stage_seconds_count", from_stage="discover", to_stage="buy") == 0


def test_lag_is_told_for_the_partitions_of_now_only() -> None:
    counted = metrics()
    counted.lag({("touchline.mail", 0): 7, ("touchline.mail", 1): 0})
    counted.lag({("touchline.mail", 1): 3})
    assert value(counted, "touchline_consumer_lag", topic="touchline.mail", partition="0") is None
    assert value(counted, "touchline_consumer_lag", topic="touchline.mail", partition="1") == 3
    counted.positions({("touchline.mail", 1): 40})
    assert value(counted, "touchline_consumer_position", topic="touchline.mail", partition="1") == 40


def test_whoever_accepts_open_metrics_is_told_a_journey_for_example() -> None:
    counted = metrics()
    about = (Measure(kind, "web", 1.0, "m", JOURNEY_ID) for kind in HISTOGRAMS)
    journey = msgspec.structs.replace(make_journey(), journey_id=JOURNEY_ID)
    counted.stitched(Batch(measures=list(about), settled=[event()]), saved_at=0)
    counted.counted(Counted([friction()], [journey], [Withdrawal("0" * 32, "rage_click")]))
    body, content_type = counted.exposition(PROMETHEUS_ACCEPTS)
    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    told = {
        family.name: sample.exemplar.labels
        for family in rich_families(body)
        for sample in family.samples
        if sample.exemplar
    }
    expected = {metric.name.removesuffix("_total") for metric in METRICS if metric.exemplars}
    assert told == {name: {"journey_id": JOURNEY_ID} for name in expected}


def test_a_series_counts_all_and_names_the_journey_that_came_last() -> None:
    counted = metrics()
    last = msgspec.structs.replace(friction(), journey_id="2" * 32)
    counted.counted(Counted([friction(), friction(owner="nobody"), last]))
    found = {
        sample.labels["owner"]: (sample.value, sample.exemplar)
        for family in rich_families(counted.exposition(PROMETHEUS_ACCEPTS)[0])
        for sample in family.samples
        if sample.name == "touchline_frictions_total"
    }
    assert {owner: count for owner, (count, _) in found.items()} == {"digital": 2, "other": 1}
    example = found["digital"][1]
    assert example is not None
    assert (example.labels, example.value) == ({"journey_id": "2" * 32}, 1)


def test_whoever_does_not_is_given_plain_text() -> None:
    for accept in ("", "*/*", "text/plain; version=0.0.4"):
        body, content_type = metrics().exposition(accept)
        assert content_type == "text/plain; version=0.0.4; charset=utf-8"
        assert b"# EOF" not in body


def test_only_the_series_that_are_asked_for_are_shown() -> None:
    counted = metrics()
    counted.counted(Counted([friction()]))
    counted.stitched(Batch(settled=[event()]), saved_at=0)
    names = ["touchline_frictions_total", "touchline_event_latency_seconds_count", "unknown"]
    families = text_string_to_metric_families(counted.exposition(names=names)[0].decode())
    shown = {sample.name: sample.value for family in families for sample in family.samples if sample.value}
    assert shown == {"touchline_frictions_total": 1, "touchline_event_latency_seconds_count": 1}
    assert counted.exposition(names=["unknown"])[0] == b""


def test_series_are_called_the_same_in_both_formats() -> None:
    counted = metrics()
    counted.counted(Counted([friction()]))
    plain = text_string_to_metric_families(counted.exposition()[0].decode())
    rich = rich_families(counted.exposition(PROMETHEUS_ACCEPTS)[0])
    names = [
        {
            (
                sample.name,
                *sorted((name, float(value) if name == "le" else value) for name, value in sample.labels.items()),
            )
            for family in families
            for sample in family.samples
        }
        for families in (plain, rich)
    ]
    assert names[0] == names[1]
