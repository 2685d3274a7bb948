"""The built-in detectors."""

from pipeline.frictions.clicks import DeadClick, PageError, RageClick
from pipeline.frictions.commerce import CheckoutAbandoned, PaymentFailed
from pipeline.frictions.cross_channel import DigitalToSupport, StockoutToWeb, UnresolvedToReview, WhereIsMyOrder
from pipeline.frictions.delivery import ColdChainBreach, DeliveryEvent, LateDelivery, PromiseMoved, StalledParcel
from pipeline.frictions.detector import Detector
from pipeline.frictions.feedback import PoorRating
from pipeline.frictions.pingpong import ChannelPingpong
from pipeline.frictions.policy import FrictionPolicy
from pipeline.frictions.store import ItemReturned, LongQueue, Stockout
from pipeline.frictions.support import Bounced, RepeatContact, SlowFirstReply, SlowResolution, SupportEvent
from pipeline.frictions.web import FormStruggle, FruitlessSearch, Looping, PageStatus, SlowPage


def built_in(policy: FrictionPolicy, abandon_after_ms: int) -> tuple[Detector, ...]:
    """Make the detectors of the friction table.

    Args:
        policy: Thresholds.
        abandon_after_ms: From a checkout to the last moment for its order; the journeys' policy has it.
    """
    web, delivery, support, cross = policy.web, policy.delivery, policy.support, policy.cross_channel
    return (
        RageClick(web),
        DeadClick(),
        PageError(web),
        PageStatus(),
        SlowPage(web),
        Looping(web),
        FormStruggle(web),
        FruitlessSearch(web),
        PaymentFailed(),
        CheckoutAbandoned(abandon_after_ms),
        DeliveryEvent(),
        LateDelivery(delivery),
        PromiseMoved(delivery),
        StalledParcel(delivery),
        ColdChainBreach(),
        LongQueue(policy.store),
        Stockout(),
        ItemReturned(),
        SupportEvent(),
        SlowFirstReply(support),
        SlowResolution(support),
        Bounced(support),
        RepeatContact(support),
        PoorRating(policy.feedback),
        DigitalToSupport(cross),
        WhereIsMyOrder(cross),
        StockoutToWeb(cross),
        UnresolvedToReview(cross, policy.feedback.rating_at_most),
        ChannelPingpong(cross),
    )
