"""Brokers that do not answer requests for end offsets: one line when it begins, one when it is over."""

from types import SimpleNamespace
from typing import cast

import pytest
from faust.types import TP

from agents.lag import Ends, consumer_lag
from agents.transport.commits import PrefixCommits
from agents.transport.consumer import BatchConsumer

MAIL = TP("touchline.mail", 0)


class Consumer:
    """Answers as it is told."""

    def __init__(self) -> None:
        self.answers = True

    async def end_offsets(self, seconds: float) -> dict[TP, int]:
        if not self.answers:
            raise ConnectionError("gone")
        return {MAIL: 7}


async def test_silence_is_told_when_it_begins_and_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    consumer, seconds = Consumer(), [0.0]
    ends = Ends(lambda: seconds[0])
    told = []
    for consumer.answers in (True, False, False, False, True, True, False, True):
        seconds[0] += 1
        told.append(await ends.ask(cast("BatchConsumer", consumer)))
    assert told == [{MAIL: 7} if answers else {} for answers in (1, 0, 0, 0, 1, 1, 0, 1)]
    assert [record.getMessage() for record in caplog.records] == [
        "the brokers do not answer requests for end offsets: ConnectionError: gone",
        "the brokers answer requests for end offsets again, after 3 s",
        "the brokers do not answer requests for end offsets: ConnectionError: gone",
        "the brokers answer requests for end offsets again, after 1 s",
    ]


@pytest.mark.parametrize(("reads_from", "lag"), [(20, {("touchline.mail", 0): 80}), (None, {})])
def test_a_partition_of_which_nothing_was_delivered_lags_from_where_it_will_be_read(
    reads_from: int | None, lag: dict[tuple[str, int], int]
) -> None:
    consumer = SimpleNamespace(
        assignment=lambda: {MAIL},
        commits=PrefixCommits[TP](),
        highwater=lambda _: None,
        reads_from=lambda _: reads_from,
    )
    assert consumer_lag(cast("BatchConsumer", consumer), {MAIL: 100}) == lag
    consumer.commits.deliver(MAIL, 1, 20, 30)
    assert consumer_lag(cast("BatchConsumer", consumer), {MAIL: 100}) == {("touchline.mail", 0): 80}
