"""Epochs of partitions: each claim gets a higher one than all before it, even if two workers claim at once."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import uuid4

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.adapters.clickhouse.inserting import insert
from pipeline.adapters.clickhouse.tables import CLAIMS, Block
from pipeline.stitching.store import EPOCH_SHIFT, ClaimLostError

# On a cluster every server has this table. A claim counts once a majority of them has it, claims are inserted one after
# the other, and a server that lacks the last one refuses to answer. A single server has all of them anyway.
_ORDERED: Final[Mapping[str, str | int]] = {"insert_quorum": "auto", "insert_quorum_parallel": 0}
_CONSISTENT: Final = {"select_sequential_consistency": 1}
_HIGHEST: Final = """
SELECT partition, max(epoch) FROM claim_rows WHERE partition IN {partitions:Array(UInt32)} GROUP BY partition
"""
# The rows themselves, not an aggregate, which would cost twice as much: usually there are none.
_LATER: Final = """
SELECT partition, epoch FROM claim_rows WHERE partition IN {partitions:Array(UInt32)} AND epoch > {epoch:UInt64}
"""
_ALONE: Final = """
SELECT partition FROM claim_rows WHERE (partition, epoch) IN {claims:Array(Tuple(UInt32, UInt64))}
GROUP BY partition HAVING uniqExact(token) = 1
"""


def require_claims(client: Client, versions: Mapping[int, int]) -> None:
    """Require that no worker has since claimed the partitions of these row versions.

    Raises:
        ClaimLostError: One has.
    """
    epochs = {partition: version >> EPOCH_SHIFT for partition, version in versions.items()}
    with store_errors():
        asked = {"partitions": list(epochs), "epoch": min(epochs.values(), default=0)}
        later = client.query(_LATER, parameters=asked, settings=dict(_CONSISTENT)).result_rows
    lost = {partition for partition, epoch in later if epoch > epochs[partition]}
    if lost:
        raise ClaimLostError(f"partitions {', '.join(map(str, sorted(lost)))} belong to another worker now")


def try_claim(client: Client, partitions: Sequence[int]) -> Mapping[int, int]:
    """Claim the next epoch of each partition.

    If two workers write the same epoch, the later one sees the other's claim, so at most one of them keeps it.

    Returns:
        Epoch by partition, without those that another worker claimed at the same time: try these again.
    """
    with store_errors():
        highest = client.query(_HIGHEST, parameters={"partitions": list(partitions)}, settings=dict(_CONSISTENT))
        before = {int(partition): int(epoch) for partition, epoch in highest.result_rows}
        epochs = {partition: before.get(partition, 0) + 1 for partition in partitions}
        insert(client, Block(CLAIMS, [list(epochs), list(epochs.values()), [uuid4()] * len(epochs)]), _ORDERED)
        alone = client.query(_ALONE, parameters={"claims": list(epochs.items())}, settings=dict(_CONSISTENT))
    return {partition: epochs[partition] for (partition,) in alone.result_rows}
