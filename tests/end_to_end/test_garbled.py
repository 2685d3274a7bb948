"""A million garbled inputs through the running stack: every one is accepted or rejected with a reason, no worker ends.

The messages go to the broker as they are. What the intake makes of them in this process must be in the tables.
"""

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
import pytest

from pipeline.events.event import Event
from pipeline.events.record import Record
from tests.end_to_end.raw_producer import send_raw
from tests.offline import new_intake
from tests.property.events.garble import AT_INTAKE, Message, garbled, samples
from tests.servers.stack import StackProcess

SEED = 20
COUNT = 1_000_000
SECRET = "the key of these tests"
CROWD = 500
"""Messages after which the next identifiers come: the garbled events are all about the same few people, and to fold
one customer's tens of thousands of events again and again is another matter."""
SETTLE_SECONDS = 1_200.0
MEMORY_MIB = 8_192
"""No renewal of the broker: that starts the workers anew, on purpose, and their counters with them."""


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_a_million_garbled_inputs(tmp_path: Path) -> None:
    settings = {"SECRET": SECRET, "EMBEDDED__BROKER_MEMORY_MIB": str(MEMORY_MIB)}
    with StackProcess(tmp_path / "data", settings=settings) as stack:
        workers = stack.worker_process_ids()
        await send_raw(stack.servers, inputs())
        sent, accepted, rejected = judged(inputs())
        stack.settle(SETTLE_SECONDS)
        assert stack.worker_process_ids() == workers, stack.output()
        assert stack.counted("touchline_events_total") + stack.counted("touchline_rejected_total") == sent
        assert stack.counted("touchline_rejected_total") == rejected.total()
        assert reasons(stack) == rejected
        assert {row[0] for row in stack.rows("SELECT event_key FROM touchpoints")} == accepted
        assert stack.rows("SELECT count() FROM dead_letters WHERE detail = ''") == [(0,)]
        assert set(rejected) == {reason.value for reason in AT_INTAKE}
        assert "ERROR" not in stack.log("worker-0")


def inputs() -> Iterator[Message]:
    """The messages, about new people again and again."""
    values = {value for sample in samples() for value in orjson.loads(sample.text)["data"]["identifiers"].values()}
    known = re.compile(b'"(' + b"|".join(sorted(re.escape(value.encode()) for value in values)) + b')"')
    for number, message in enumerate(garbled(SEED, COUNT)):
        yield message._replace(value=known.sub(rb'"\g<1>-%d"' % (number // CROWD), message.value))


def judged(messages: Iterable[Message]) -> tuple[int, set[str], Counter[str]]:
    """How many elements there are, the keys of those that are events, and the reasons why the others are not."""
    intake, now = new_intake(SECRET.encode()), time.time_ns() // 1_000_000
    sent = 0
    accepted: set[str] = set()
    rejected: Counter[str] = Counter()
    for message in messages:
        outcomes = intake.take(Record(message.topic, 0, 0, now, message.value), now)
        assert len(outcomes) == message.elements
        sent += message.elements
        accepted.update(outcome.key.hex() for outcome in outcomes if isinstance(outcome, Event))
        rejected.update(outcome.reason.value for outcome in outcomes if not isinstance(outcome, Event))
    return sent, accepted, rejected


def reasons(stack: StackProcess) -> Counter[str]:
    """How many dead letters there are by reason."""
    rows = stack.rows("SELECT reason, count() FROM dead_letters GROUP BY reason")
    return Counter({str(reason): int(count) for reason, count in rows})
