"""The faults, by name."""

from typing import Final

from tests.chaos.fault import Fault
from tests.chaos.faults.change_workers import ChangeWorkers
from tests.chaos.faults.clickhouse import HangClickHouse, KillClickHouse, SlowClickHouse
from tests.chaos.faults.clock import ShiftClock
from tests.chaos.faults.customers import HotCustomer, LargeCustomer
from tests.chaos.faults.disk import FillDisk
from tests.chaos.faults.kill_brokers import KillBrokers, StopTwoBrokers
from tests.chaos.faults.kill_workers import KillWorkers
from tests.chaos.faults.mixed import Mixed
from tests.chaos.faults.network import CutNetwork
from tests.chaos.faults.outages import NoBrokers, NoClickHouse, ReadOnlyClickHouse
from tests.chaos.faults.sleep_worker import SleepWorker
from tests.chaos.faults.soak import Soak

ALL: Final[tuple[type[Fault], ...]] = (
    KillWorkers,
    KillBrokers,
    StopTwoBrokers,
    KillClickHouse,
    HangClickHouse,
    SlowClickHouse,
    ReadOnlyClickHouse,
    NoClickHouse,
    NoBrokers,
    SleepWorker,
    ChangeWorkers,
    CutNetwork,
    FillDisk,
    ShiftClock,
    HotCustomer,
    LargeCustomer,
    Soak,
)
"""In the order of the report."""
FAULTS: Final[dict[str, type[Fault]]] = {fault.name: fault for fault in ALL} | {Mixed.name: Mixed}
