"""Settings that make a cluster answer a worker as one server would."""

from typing import Final

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.cluster import SHARDED_BY, replicas_of_a_shard
from pipeline.adapters.clickhouse.errors import store_errors

_CLUSTERS: Final = r"""
SELECT DISTINCT extract(engine_full, '^Distributed\\(\'([^\']+)\'')
FROM system.tables
WHERE database = currentDatabase() AND engine = 'Distributed' AND name IN {tables:Array(String)}
"""
_ON_A_CLUSTER: Final = {
    "distributed_foreground_insert": 1,  # an acknowledged insert is on the shards, not in a queue before them
    "insert_quorum_parallel": 1,  # workers insert side by side
    "insert_quorum_timeout": 30_000,  # milliseconds; less than the client waits for an answer
    "load_balancing": "in_order",  # all read and write the same replica while it lives
    "prefer_localhost_replica": 0,
    "use_hedged_requests": 0,
    "skip_unavailable_shards": 0,  # half a mailbox is worse than none
    "optimize_skip_unused_shards": 1,  # a mailbox is read from its own shard only
}


def read_what_was_written(client: Client) -> int:
    """Make a client see every acknowledged insert of every worker, whichever replica answers.

    On a cluster an insert is acknowledged once *all* replicas of its shard have it, so a replica that takes over has
    everything acknowledged. A single server needs no settings.

    Returns:
        Replicas of a shard; 0 on a single server.

    Raises:
        ClusterError: The shards have different numbers of replicas.
        StoreUnavailableError: The server cannot be reached.
    """
    with store_errors():
        clusters = client.query(_CLUSTERS, parameters={"tables": list(SHARDED_BY)}).result_rows
        replicas = max((replicas_of_a_shard(client, str(cluster)) for (cluster,) in clusters), default=0)
        if replicas:
            for name, value in {**_ON_A_CLUSTER, "insert_quorum": replicas}.items():
                client.set_client_setting(name, value)
    return replicas
