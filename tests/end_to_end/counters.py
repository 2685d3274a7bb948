"""What the workers of a stack have counted, and what they should have."""

import re
import urllib.request

from tests.servers.stack import StackProcess
from tests.waiting import eventually

COUNTING_SECONDS = 30.0
"""Counting follows the save within a second, unless the machine is busy."""


def counted(stack: StackProcess, metric: str) -> int:
    """The sum of a counter over its series and over the workers."""
    sample = re.compile(rf"^{metric}(?:\{{.*\}})? (\S+)$", re.MULTILINE)
    pages = [f"http://127.0.0.1:{stack.web_port + index}/metrics" for index in range(stack.workers)]
    return int(sum(float(value) for page in pages for value in sample.findall(_read(page))))


def check_each_friction_is_counted_once(stack: StackProcess) -> int:
    """Compare with every friction that was ever stored; returns how many moved from one customer to another."""
    ((stored,),) = stack.rows("SELECT uniqExact(friction_id) FROM friction_rows")
    moved = stack.rows("SELECT friction_id FROM friction_rows GROUP BY friction_id HAVING uniqExact(customer) > 1")
    eventually(lambda: counted(stack, "touchline_frictions_total") >= stored, COUNTING_SECONDS, look_every=0.5)
    assert counted(stack, "touchline_frictions_total") == stored
    return len(moved)


def _read(page: str) -> str:
    with urllib.request.urlopen(page, timeout=30) as response:
        body: bytes = response.read()
    return body.decode()
