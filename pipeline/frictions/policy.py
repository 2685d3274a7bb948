"""Configuration of frictions: every threshold of the built-in detectors. Durations in milliseconds."""

from collections.abc import Iterable
from typing import Annotated, Final, Literal

import msgspec

from pipeline.catalogue.touchpoint import CHANNELS

SECOND_MS: Final = 1000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

Count = Annotated[int, msgspec.Meta(ge=1)]


def _require_channels(setting: str, names: Iterable[str]) -> None:
    unknown = sorted(set(names) - set(CHANNELS))
    if unknown:
        raise ValueError(f"{setting}: {unknown[0]!r} is no channel; there are {', '.join(CHANNELS)}")


class RageClickProfile(msgspec.Struct, frozen=True, kw_only=True):
    """One definition of a rage click. A rule that is None does not apply; all limits are inclusive."""

    clicks: int = 3
    window_ms: int | None = SECOND_MS
    """From the first to the last of `clicks` clicks."""
    longest_gap_ms: int | None = None
    """From one click to the next."""
    farthest_px: float | None = None
    """Straight-line distance from one click to the next; if either has no coordinates, both must be on one target."""
    one_target: bool = True
    """Whether the clicks must be on one target; clicks on others are ignored. If not, one too far away ends a burst."""

    @property
    def longest_pause_ms(self) -> int:
        """The longest pause between two clicks of one burst; every profile limits it one way or the other."""
        return min(limit for limit in (self.window_ms, self.longest_gap_ms) if limit is not None)


RageClickName = Literal["touchline", "posthog", "datadog", "openreplay", "amplitude"]

RAGE_CLICK_PROFILES: Final[dict[RageClickName, RageClickProfile]] = {
    "touchline": RageClickProfile(),
    # PostHog: each click less than 1 s and less than 30 px from the one before.
    "posthog": RageClickProfile(window_ms=None, longest_gap_ms=999, farthest_px=29.999, one_target=False),
    # Datadog RUM frustration signals: a sliding window of one second on one element.
    "datadog": RageClickProfile(),
    # OpenReplay: gaps of less than 300 ms on one element.
    "openreplay": RageClickProfile(window_ms=None, longest_gap_ms=299),
    # Amplitude: four clicks in one second within 50 px.
    "amplitude": RageClickProfile(clicks=4, farthest_px=50.0, one_target=False),
}


class Vitals(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of the Core Web Vitals; a page is worse than them where any value is above."""

    lcp_ms: float
    """Largest contentful paint."""
    inp_ms: float
    """Interaction to next paint."""
    cls: float
    """Cumulative layout shift."""


class WebPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds on the web and in the app."""

    rage_click: RageClickName = "touchline"
    error_click_ms: int = SECOND_MS
    vitals_poor: Vitals = Vitals(lcp_ms=4000, inp_ms=500, cls=0.25)
    """Core Web Vitals "poor", https://web.dev/articles/vitals."""
    vitals_fair: Vitals = Vitals(lcp_ms=2500, inp_ms=200, cls=0.1)
    """Core Web Vitals "needs improvement"."""
    looping_ms: int = 60 * SECOND_MS
    form_rejections: Count = 3
    searches: Count = 3
    searches_ms: int = 2 * MINUTE_MS


class DeliveryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds of deliveries."""

    late_severity_2_after_ms: int = DAY_MS
    late_severity_3_after_ms: int = 3 * DAY_MS
    promise_moves: Count = 2
    stalled_after_ms: int = 72 * HOUR_MS


class StorePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds in the store."""

    long_queue_ms: int = 5 * MINUTE_MS


class SupportPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds of support."""

    first_reply_ms: dict[str, int] = msgspec.field(
        default_factory=lambda: {
            "phone": 2 * MINUTE_MS,
            "chat": 2 * MINUTE_MS,
            "social": HOUR_MS,
            "email": 8 * HOUR_MS,
        }
    )
    """Target by channel; a channel without a target is not judged."""
    resolution_ms: int = 72 * HOUR_MS
    transfers: Count = 2
    repeat_contact_ms: int = 7 * DAY_MS

    def __post_init__(self) -> None:
        """Refuse targets that would judge nothing.

        Raises:
            ValueError: `first_reply_ms` names an unknown channel.
        """
        _require_channels("first_reply", self.first_reply_ms)


class FeedbackPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Ratings that are poor."""

    nps_at_most: float = 6
    """Net promoter score, 0 to 10: detractors are 0 to 6."""
    csat_at_most: float = 2
    """Customer satisfaction, 1 to 5."""
    ces_at_least: float = 5
    """Customer effort, 1 to 7, a high score is a high effort."""
    rating_at_most: float = 2
    """Review, 1 to 5 stars."""


class CrossChannelPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds between channels."""

    digital_to_support_ms: int = 60 * MINUTE_MS
    digital_severity: int = 2
    """The lowest severity at which a web friction counts as the cause of a contact."""
    stockout_to_web_ms: int = DAY_MS
    unresolved_to_review_ms: int = 14 * DAY_MS
    cause_limit: Count = 20
    """A friction names at most this many causes, the latest."""
    channel_changes: Count = 4
    channel_changes_ms: int = DAY_MS
    passive_channels: frozenset[str] = frozenset({"courier", "device"})
    """Channels that customers do not choose: no change of channel is counted to or from them."""
    passive_types: frozenset[str] = frozenset(
        {
            "marketing.message_sent",
            "support.ticket_closed",
            "support.ticket_escalated",
            "support.ticket_replied",
            "support.ticket_resolved",
            "support.ticket_transferred",
            "web.order_approved",
        }
    )
    """Types in which the company acts, not the customer: they change no channel either."""

    def __post_init__(self) -> None:
        """Refuse channels that no event has.

        Raises:
            ValueError: `passive_channels` names an unknown channel.
        """
        _require_channels("passive_channels", self.passive_channels)


class FrictionPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """All thresholds. `abandon_after_ms` is part of `JourneyPolicy`: the outcome uses it too."""

    web: WebPolicy = WebPolicy()
    delivery: DeliveryPolicy = DeliveryPolicy()
    store: StorePolicy = StorePolicy()
    support: SupportPolicy = SupportPolicy()
    feedback: FeedbackPolicy = FeedbackPolicy()
    cross_channel: CrossChannelPolicy = CrossChannelPolicy()
