"""Draining a broker: waiting until all it accepted is stored, and saying now and then what lags."""

import asyncio
from collections.abc import Sequence

from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.ledger import settle
from pipeline.adapters.broker.settle import Lag, SettleTimeoutError
from pipeline.adapters.stack.background import in_background
from pipeline.adapters.stack.notice import Level, Notice, Report

REPORT_SECONDS = 2.0


async def drain(server: str, group: str, timeout_seconds: float, report: Report) -> str:
    """Wait until everything that the broker accepted is stored; returns an empty text, or why it is not."""
    loop = asyncio.get_running_loop()
    next_report = loop.time() + REPORT_SECONDS

    def progress(lags: Sequence[Lag]) -> None:
        nonlocal next_report
        if loop.time() >= next_report:
            next_report = loop.time() + REPORT_SECONDS
            loop.call_soon_threadsafe(report, Notice(Level.DETAIL, f"draining: {describe_lags(lags)}"))

    try:
        await in_background(lambda: settle([server], group, timeout_seconds, progress))
    except (SettleTimeoutError, BrokerUnavailableError) as error:
        return str(error)
    return ""


def describe_lags(lags: Sequence[Lag]) -> str:
    """Lags in one line, by topic."""
    totals: dict[str, int] = {}
    for lag in lags:
        totals[lag.topic] = totals.get(lag.topic, 0) + lag.behind
    return ", ".join(f"{count:,} messages of {topic}" for topic, count in sorted(totals.items()))
