"""What the workers of a stack have counted, compared with what they should have."""

from tests.servers.stack import StackProcess
from tests.waiting import eventually

COUNTING_SECONDS = 30.0
"""Counting follows the save within a second, unless the machine is busy."""


def check_each_friction_is_counted_once(stack: StackProcess) -> int:
    """Compare with every friction that was ever stored; returns how many moved from one customer to another."""
    ((stored,),) = stack.rows("SELECT uniqExact(friction_id) FROM friction_rows")
    moved = stack.rows("SELECT friction_id FROM friction_rows GROUP BY friction_id HAVING uniqExact(customer) > 1")
    eventually(lambda: stack.counted("touchline_frictions_total") >= stored, COUNTING_SECONDS, look_every=0.5)
    assert stack.counted("touchline_frictions_total") == stored
    return len(moved)
