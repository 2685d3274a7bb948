"""Cutting mail keeps every message, and the order within a partition."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.identity.messages import Link, Message
from pipeline.mail.portions import split


def messages(count: int) -> list[Message]:
    return [Link("device_id:1", "customer_id:1", time) for time in range(count)]


@given(st.dictionaries(st.integers(0, 5), st.integers(0, 9).map(messages), max_size=4), st.integers(1, 30))
def test_the_portions_together_are_the_mail(mail: dict[int, list[Message]], most: int) -> None:
    first, rest = split(mail, most)
    assert sum(map(len, first.values())) == min(most, sum(map(len, mail.values())))
    for partition, whole in mail.items():
        assert [*first.get(partition, []), *rest.get(partition, [])] == whole
    assert all(rest.values())
