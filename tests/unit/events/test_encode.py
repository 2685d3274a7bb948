import os

import orjson
import pytest

from pipeline.adapters.stack.child import resident_bytes
from pipeline.events.encode import encode


def test_what_is_kept_takes_no_more_memory_than_its_length() -> None:
    before = resident_bytes(os.getpid())
    kept = [encode({"text": "x" * 200}) for _ in range(20_000)]
    assert orjson.loads(kept[-1]) == {"text": "x" * 200}
    assert resident_bytes(os.getpid()) - before < 20_000 * 1_000


def test_what_is_nested_too_deeply_is_refused() -> None:
    value: list[object] = []
    for _ in range(500):
        value = [value]
    with pytest.raises(orjson.JSONEncodeError):
        encode(value)
