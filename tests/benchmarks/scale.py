"""The size of a measurement."""

import msgspec


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes of all sections. What is repeated is reported as a median."""

    runs: int
    """Repetitions of all measurements that are compared."""
    events: int
    """Events of the complete job."""
    plain_events: int
    """Events for contenders that handle only some thousands per second, one by one."""
    count_events: int
    """Events to be counted per key."""
    stage_events: int
    """Events for measuring the stages."""
    loads: tuple[float, ...]
    """Shares of the capacity at which latency is measured."""
    seconds: float
    """How long each of these loads lasts, after a third of that time to warm up."""
    known: tuple[int, ...]
    """Mailboxes that the store knows while a worker's memory is measured."""
    active: tuple[int, ...]
    """How many of them are active."""
    history: tuple[int, ...]
    """Touchpoints that are stored when further events are taken in."""
    history_events: int
    """Further events at each of these sizes (about)."""
    lengths: tuple[int, ...]
    """Touchpoints that one customer already has."""
    customers: int
    """Most customers of each such length."""
    queries: int
    """Repetitions of each query."""


TINY = Scale(
    runs=1,
    events=600,
    plain_events=200,
    count_events=4_000,
    stage_events=400,
    loads=(0.5,),
    seconds=3.0,
    known=(300,),
    active=(100,),
    history=(1_000,),
    history_events=200,
    lengths=(1, 10),
    customers=40,
    queries=1,
)
"""Only shows whether the benchmarks work at all."""
QUICK = Scale(
    runs=1,
    events=20_000,
    plain_events=6_000,
    count_events=60_000,
    stage_events=4_000,
    loads=(0.5,),
    seconds=10.0,
    known=(10_000,),
    active=(1_000,),
    history=(4_000, 40_000),
    history_events=1_000,
    lengths=(1, 100, 500),
    customers=100,
    queries=3,
)
"""A first look, in under three minutes."""
FULL = Scale(
    runs=3,
    events=200_000,
    plain_events=30_000,
    count_events=400_000,
    stage_events=30_000,
    loads=(0.2, 0.5, 0.8),
    seconds=45.0,
    known=(1_000_000,),
    active=(10_000, 50_000, 100_000),
    history=(50_000, 250_000, 1_000_000, 5_000_000),
    history_events=4_000,
    lengths=(1, 10, 100, 1_000, 5_000),
    customers=2_000,
    queries=7,
)
"""The figures of the report, in about half an hour."""
