"""The series that are exposed at 0 from the start: otherwise Prometheus would see no increase at their first count."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Final

from pipeline.adapters.clickhouse.tables import WORKED_WITH
from pipeline.catalogue.touchpoint import FAMILIES, STAGES, Touchpoint
from pipeline.events.dead_letter import Reason
from pipeline.journeys.outcome import OUTCOMES

REPLYING: Final = ("phone", "chat", "email", "social")
"""Channels through which tickets usually arrive."""


def zeros(touchpoints: Mapping[str, Touchpoint], namespaces: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The metric and the label values of each series whose labels are known beforehand.

    Args:
        touchpoints: The catalogue: touchpoint by event type.
        namespaces: The configured namespaces of identifiers.
    """
    for family in FAMILIES:
        yield from (("touchline_rejected_total", (family, reason.value)) for reason in Reason)
    for namespace in namespaces:
        for counter in ("stitch_recalls", "identity_shared", "identifier_links"):
            yield f"touchline_{counter}_total", (namespace,)
    yield from (("touchline_sink_errors_total", (table.name,)) for table in WORKED_WITH)
    yield from (("touchline_journeys_total", (outcome,)) for outcome in OUTCOMES)
    yield from (("touchline_stage_seconds", pair) for pair in combinations(STAGES, 2))
    yield from (("touchline_first_reply_seconds", (channel,)) for channel in REPLYING)
    for event_type, metric in (
        ("delivery.delivered", "touchline_delivery_delay_seconds"),
        ("store.queue_left", "touchline_queue_wait_seconds"),
    ):
        if event_type in touchpoints:
            yield metric, (touchpoints[event_type].channel,)
    if "web.page_measured" in touchpoints:
        yield "touchline_page_lcp_seconds", (touchpoints["web.page_measured"].touchpoint,)
