"""What a worker asks of a cluster."""

from unittest.mock import Mock, create_autospec

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.cluster import ClusterError, require_cluster
from pipeline.adapters.clickhouse.consistency import read_what_was_written


def answering(*answers: list[tuple[object, ...]]) -> Mock:
    """A client whose queries have these answers."""
    client: Mock = create_autospec(Client, instance=True)
    client.query.side_effect = [Mock(result_rows=rows) for rows in answers]
    return client


def test_an_insert_waits_for_every_replica_of_its_shard() -> None:
    client = answering([("east",)], [(3,), (3,)])
    assert read_what_was_written(client) == 3
    client.set_client_setting.assert_any_call("insert_quorum", 3)


def test_a_single_server_is_asked_for_nothing() -> None:
    client = answering([])
    assert read_what_was_written(client) == 0
    client.set_client_setting.assert_not_called()


def test_shards_of_different_sizes_are_refused() -> None:
    """The smaller one would never have as many replicas as an insert waits for, and workers would wait for ever."""
    refusal = r"the cluster east .*\(3, 2\).*`remote_servers`"
    with pytest.raises(ClusterError, match=refusal):
        read_what_was_written(answering([("east",)], [(3,), (2,)]))
    with pytest.raises(ClusterError, match=refusal):
        require_cluster(answering([("east", 1)], [(3,), (2,)], [("shard",), ("replica",)]), "east")
