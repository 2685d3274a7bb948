"""What a history that grows keeps."""

from pipeline.journeys.history import History
from tests.unit.journeys.samples import CATALOGUE, CUSTOMER, RULES, START, event


def test_only_what_may_have_changed_is_looked_at() -> None:
    history = History(CUSTOMER, {}, CATALOGUE, RULES)
    first = event("web.page_viewed", 0, key="first")
    assert history.append({first.key: first})
    assert len(history.look(START)) == 1
    assert history.look(START) == []
    assert not history.append({first.key: first})
