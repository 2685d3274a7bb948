"""Stored mailboxes and the number of partitions."""

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.placement import PartitionsChangedError, require_partitions
from pipeline.mail.partition import partition_of

STORED = 8


def test_a_partition_that_a_worker_had_is_still_there(client: Client) -> None:
    client.insert("claim_rows", [[STORED - 1, 1]], column_names=["partition", "epoch"])
    require_partitions(client, STORED)
    require_partitions(client, STORED + 1)
    with pytest.raises(PartitionsChangedError):
        require_partitions(client, STORED - 1)


def test_mailboxes_stay_with_the_number_of_partitions_they_were_stored_with(client: Client) -> None:
    require_partitions(client, STORED)
    names = [f"device_id:{number}" for number in range(50)]
    rows = [[name, partition_of(name, STORED), 1] for name in names]
    client.insert("mailbox_rows", rows, column_names=["identifier", "partition", "row_version"])
    require_partitions(client, STORED)
    for other in (1, STORED - 1, STORED + 1, 2 * STORED):
        with pytest.raises(PartitionsChangedError, match=rf"topics.mail_partitions is {other}, .* another number"):
            require_partitions(client, other)
