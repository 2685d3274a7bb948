"""What libraries repeat is logged once in a while, and says how often it was not; the worker's own entries all are."""

import logging

from agents.logs import PAUSE_SECONDS, Sparingly


def entry(name: str, message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord(name, logging.WARNING, __file__, 1, message, arguments, None)


def test_entries_of_one_kind_pass_once_in_a_while() -> None:
    seconds = [0.0]
    sparingly = Sparingly(lambda: seconds[0])
    passed = []
    for second in range(int(PAUSE_SECONDS) + 1):
        seconds[0] = second
        record = entry("aiokafka.client", "Unable connect to node with id %s", second % 3)
        if sparingly.filter(record):
            passed.append(record.getMessage())
    assert passed == [
        "Unable connect to node with id 0",
        "Unable connect to node with id 0 (and 29 more like it)",
    ]


def test_other_kinds_and_our_own_entries_pass() -> None:
    sparingly = Sparingly(lambda: 0.0)
    records = [entry("aiokafka.client", "one"), entry("aiokafka.client", "two"), entry("faust", "one")]
    records += [entry("touchline.worker", "one"), entry("touchline.worker", "one")]
    assert all(sparingly.filter(record) for record in records)
    assert not sparingly.filter(entry("faust", "one"))
