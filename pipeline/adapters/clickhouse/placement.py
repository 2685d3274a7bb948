"""Whether the stored mailboxes are in the partitions to which the settings assign them."""

from typing import Final

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.mail.partition import partition_of

_SAMPLES: Final = (
    "SELECT identifier, partition FROM mailbox_rows LIMIT 100",
    "SELECT customer, partition FROM wake_rows LIMIT 100",
)
_HIGHEST: Final = "SELECT max(partition) FROM claim_rows"


class PartitionsChangedError(ValueError):
    """The mail topic's number of partitions differs from the one that mailboxes were stored with."""

    def __init__(self, partitions: int) -> None:
        super().__init__(
            f"topics.mail_partitions is {partitions}, and what ClickHouse has was stored with another number: rows of "
            "one worker would lose against those of another. Set the number as it was, or use an empty database and "
            "send the events again"
        )


def require_partitions(client: Client, partitions: int) -> None:
    """Check the highest partition ever claimed, and a sample: of a hundred mailboxes, some would be elsewhere.

    Args:
        client: Connected to a migrated database.
        partitions: Number of partitions of the mail topic.

    Raises:
        PartitionsChangedError: They were stored with another number.
        StoreUnavailableError: ClickHouse cannot be reached.
    """
    with store_errors():
        ((highest,),) = client.query(_HIGHEST).result_rows
        sample = [row for query in _SAMPLES for row in client.query(query).result_rows]
    if highest >= partitions or any(partition_of(str(name), partitions) != partition for name, partition in sample):
        raise PartitionsChangedError(partitions)
