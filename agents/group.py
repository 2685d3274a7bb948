"""The consumer group, as this worker knows it."""

import faust
from faust.types import TP

from agents.ownership import Membership, Ownership
from pipeline.catalogue.topics import MAIL_TOPIC


class WorkerGroup:
    """Membership in the consumer group of the application's consumer."""

    def __init__(self, app: faust.App) -> None:
        self._app = app

    @property
    def rebalancing(self) -> bool:
        """Whether a rebalance is under way, or the worker is about to leave.

        A stop cancels the batches that it no longer waits for, which may leave mailboxes half changed. So nothing new
        may begin.
        """
        return bool(self._app.rebalancing or self._app.should_stop)

    @property
    def joined(self) -> bool:
        """Whether the worker is still a member, as far as it knows.

        One that was cut off for longer than its session timeout learns of its removal late, and keeps its partitions
        until it has found the coordinator and rejoined.
        """
        return bool(self._app.consumer.member())

    async def confirm(self) -> bool:
        """Ask the broker whether the worker is still a member in the group's current generation."""
        current: bool = await self._app.consumer.confirm_membership()
        return current


def follow(app: faust.App, ownership: Ownership) -> None:
    """Tell `ownership` about every rebalance of the mail topic."""

    async def on_revoked(app: faust.App, revoked: set[TP], **_: object) -> None:
        ownership.revoked()

    async def on_assigned(app: faust.App, assigned: set[TP], **_: object) -> None:
        mail = (partition.partition for partition in assigned if partition.topic == MAIL_TOPIC)
        ownership.assigned(mail, Membership(app.consumer.member(), app.consumer_generation_id))

    app.on_partitions_revoked.connect(on_revoked, weak=False)
    app.on_partitions_assigned.connect(on_assigned, weak=False)
