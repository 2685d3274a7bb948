"""Draining a broker: waiting until everything it accepted is stored, and reporting repeatedly what lags."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.ledger import settle
from pipeline.adapters.broker.settle import Lag, SettleTimeoutError
from pipeline.adapters.stack.background import in_background
from pipeline.adapters.stack.notice import Report
from pipeline.adapters.stack.waiting import told

REPORT_SECONDS = 2.0
ANSWER_SECONDS = 5.0
"""How long after the timeout the broker's client may still take before it is abandoned."""

Settle = Callable[[Sequence[str], str, float, Callable[[Sequence[Lag]], None]], object]

PATIENTLY: Final[Settle] = partial(settle, patient=True)
"""Waits for a broker that does not answer: it may be busy, or being restarted."""


async def drain(server: str, group: str, timeout_seconds: float, report: Report, settle: Settle = PATIENTLY) -> str:
    """Wait until everything that the broker accepted is stored; returns an empty text, or why it is not."""
    lags: Sequence[Lag] = ()

    def progress(found: Sequence[Lag]) -> None:
        nonlocal lags
        lags = found

    try:
        async with (
            told(
                report,
                lambda: f"draining: {describe_lags(lags) or 'asking the broker'}",
                REPORT_SECONDS,
                REPORT_SECONDS,
            ),
            asyncio.timeout(timeout_seconds + ANSWER_SECONDS),
        ):
            await in_background(lambda: settle([server], group, timeout_seconds, progress))
    except SettleTimeoutError as error:
        return f"not settled within {timeout_seconds:.0f} s; behind: {describe_lags(error.lags)}"
    except BrokerUnavailableError as error:
        return str(error)
    except TimeoutError:
        return f"the broker did not answer within {timeout_seconds:.0f} s; behind: {describe_lags(lags) or 'not known'}"
    return ""


def describe_lags(lags: Sequence[Lag]) -> str:
    """Lags in one line, by topic."""
    totals: dict[str, int] = {}
    for lag in lags:
        totals[lag.topic] = totals.get(lag.topic, 0) + lag.behind
    return ", ".join(f"{count:,} messages of {topic}" for topic, count in sorted(totals.items()))
