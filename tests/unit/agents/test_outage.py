"""An outage is said once when it begins and once when it is over, however often it is met."""

import logging

import pytest

from agents.outage import Outage


def test_each_outage_has_two_lines(caplog: pytest.LogCaptureFixture) -> None:
    seconds = [0.0]
    outage = Outage(logging.getLogger("touchline"), begins="it is away", ends="it is back", clock=lambda: seconds[0])
    outage.is_over()
    for seconds[0] in (5.0, 6.0, 9.0):
        outage.lasts(OSError("refused" + "." * 1_000))
    for seconds[0] in (12.0, 13.0):
        outage.is_over()
    outage.lasts("again")
    assert [record.getMessage() for record in caplog.records] == [
        f"it is away: refused{'.' * 293}",
        "it is back, after 7 s",
        "it is away: again",
    ]
