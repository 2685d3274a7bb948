"""Configuration of the simulated retailer: how much happens, and how often it goes wrong."""

import msgspec


class Disorder(msgspec.Struct, frozen=True, kw_only=True):
    """How events reach the pipeline. The defaults are an ordinary network: a little out of order, nothing doubled."""

    delay_ms: float = 400.0
    """Mean delay between an event and its arrival, exponentially distributed."""
    late_share: float = 0.0
    """Share of events that are held up for longer: a phone without reception, a carrier's nightly file."""
    late_by_ms: float = 3_600_000.0
    """Mean extra delay of those."""
    doubled_share: float = 0.0
    """Share of events that arrive a second time."""


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Probabilities of what goes wrong, each per occasion."""

    broken_link: float = 0.008
    server_error: float = 0.0015
    page_error: float = 0.006
    dead_click: float = 0.008
    rage_click: float = 0.004
    error_click: float = 0.004
    looping: float = 0.012
    fruitless_search: float = 0.07
    form_rejected: float = 0.12
    payment_failed: float = 0.03
    checkout_abandoned: float = 0.45
    order_cancelled: float = 0.015
    late_delivery: float = 0.08
    promise_moved: float = 0.03
    failed_attempt: float = 0.05
    damaged: float = 0.008
    lost: float = 0.003
    stalled: float = 0.01
    cold_chain_breach: float = 0.05
    returned: float = 0.06
    long_queue: float = 0.12
    left_queue: float = 0.03
    stockout: float = 0.08
    transferred: float = 0.18
    escalated: float = 0.04
    reopened: float = 0.05
    unresolved: float = 0.08
    slow_resolution: float = 0.05
    contact_abandoned: float = 0.06
    incident_server_error: float = 0.35
    """Chance of a server error per checkout page while the day's incident lasts."""


class RetailerPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A mid-size retailer with a web shop, an app, stores, parcels and a service desk."""

    visits_per_day: float = 0.75
    """Mean number of shop or app visits per person and day; a few people account for most of them."""
    store_visits_per_day: float = 0.12
    orders_in_backlog: float = 0.10
    """Orders per person from the days before the simulation's start."""
    tickets_in_backlog: float = 0.01
    """Tickets per person from the days before the simulation's start."""
    newsletter_share: float = 0.35
    account_share: float = 0.65
    loyalty_share: float = 0.4
    app_share: float = 0.3
    household_share: float = 0.2
    """Share of people who share a tablet with the person they live with."""
    cookie_rotation: float = 0.08
    """Chance per visit that the browser has forgotten its cookie."""
    products: int = 800
    stores: int = 12
    probes_per_day: int = 2
    """Mystery shoppers' orders per day."""
    utc_offset_hours: int = 1
    """The local time of the retailer's customers: moves the peaks of the day."""
    currency: str = "EUR"
    stories: bool = True
    """Whether each friction's story is told at least once a day, so that a small population shows them all."""
    trouble: Trouble = Trouble()
    disorder: Disorder = Disorder()
