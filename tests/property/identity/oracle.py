"""The customer of every event, computed offline from the definitions: slow, plain, and without mailboxes."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import product

from pipeline.events.event import Event
from pipeline.identity.policy import IdentityPolicy, NamespaceClass

LinkSet = set[tuple[str, str, int]]
"""(identifier, target, time)"""
Placed = tuple[str, bytes, tuple[int, int, int]]
"""(customer, event key, precedence of the copy that counts)"""


class Oracle:
    """The links of a set of events, and what follows from them."""

    def __init__(self, events: Iterable[Event], policy: IdentityPolicy) -> None:
        self.events = list(events)
        self.policy = policy
        self.direct: LinkSet = set()
        for event in self.events:
            floor = event.time // policy.link_resolution_ms * policy.link_resolution_ms
            self.direct |= {(other, event.identifiers[0], floor) for other in event.identifiers[1:]}
        self.bridged = self._bridged()

    def placed(self) -> set[Placed]:
        """Every event with its customer; of its copies, the one that counts."""
        found: dict[tuple[str, bytes], tuple[int, int, int]] = {}
        for event in self.events:
            place = self.customer(event.identifiers[0], event.time), event.key
            found[place] = min(found.get(place, event.precedence), event.precedence)
        return {(customer, key, precedence) for (customer, key), precedence in found.items()}

    def customer(self, identifier: str, time: int) -> str:
        """The definition of customer(x, t)."""
        chosen = self.owner(identifier, time)
        if chosen is None:
            return identifier
        target, link_time = chosen
        return self.customer(target, link_time if self._is_transaction(identifier) else time)

    def owner(self, identifier: str, time: int) -> tuple[str, int] | None:
        """The definition of owner(x, t): the target and the time of the chosen link."""
        links = self.links(identifier)
        if not links or self.shared(identifier):
            return None
        earliest = min(link_time for _, link_time in links)
        latest_before = max((link_time for _, link_time in links if link_time <= time), default=earliest)
        chosen_time = earliest if self._is_transaction(identifier) else latest_before
        candidates = [target for target, link_time in links if link_time == chosen_time]
        best_rank = max(self._rank(target) for target in candidates)
        return min(target for target in candidates if self._rank(target) == best_rank), chosen_time

    def links(self, identifier: str) -> set[tuple[str, int]]:
        """The definition of links(x), as (target, time)."""
        direct = {(target, time) for x, target, time in self.direct if x == identifier}
        bridged = {(target, time) for x, target, time in self.bridged if x == identifier}
        if self._is_transaction(identifier):
            return direct | bridged
        return direct or bridged

    def shared(self, identifier: str) -> bool:
        """The definition of shared."""
        if self._is_transaction(identifier):
            return len(self._direct_targets(identifier)) > self.policy.shared_limit_transaction
        return len({target for target, _ in self.links(identifier)}) > self.policy.shared_limit

    def identifiers(self) -> set[str]:
        """Every identifier that occurs."""
        return {identifier for event in self.events for identifier in event.identifiers}

    def _bridged(self) -> LinkSet:
        """The smallest set that contains every bridged link implied by the direct links and the set itself."""
        bridged: LinkSet = set()
        while True:
            found = set(bridged)
            for bridge in {x for x, _, _ in self.direct | bridged}:
                found |= self._bridged_by(bridge, bridged)
            if found == bridged:
                return bridged
            bridged = found

    def _bridged_by(self, bridge: str, bridged: LinkSet) -> LinkSet:
        usable = [(target, time) for x, target, time in self.direct if x == bridge]
        if self._is_transaction(bridge):
            if self.shared(bridge):
                return set()
            usable += [(target, time) for x, target, time in bridged if x == bridge]
        elif self._kind(bridge) is NamespaceClass.DEVICE:
            values = defaultdict(set)
            for target in self._direct_targets(bridge):
                values[target.split(":")[0]].add(target)
            if any(len(targets) > 1 for targets in values.values()):
                return set()
        else:
            return set()
        return {(a, b, time) for (a, time), (b, _) in product(usable, usable) if self._rank(a) < self._rank(b)}

    def _direct_targets(self, identifier: str) -> set[str]:
        return {target for x, target, _ in self.direct if x == identifier}

    def _kind(self, identifier: str) -> NamespaceClass:
        return self.policy.namespaces[identifier.split(":")[0]].kind

    def _rank(self, identifier: str) -> int:
        return self.policy.namespaces[identifier.split(":")[0]].rank

    def _is_transaction(self, identifier: str) -> bool:
        return self._kind(identifier) is NamespaceClass.TRANSACTION
