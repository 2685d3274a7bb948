"""Cutting mail keeps every message, and the order within a partition, and bounds what must be loaded."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.identity.messages import Link, Message
from pipeline.mail.portions import Mail, split

mails = st.dictionaries(
    st.integers(0, 5),
    st.lists(st.integers(0, 12)).map(lambda names: [Link(f"device_id:{name}", "customer_id:1", 0) for name in names]),
    max_size=4,
)
known_ones = st.sets(st.integers(0, 12).map("device_id:{}".format))


def addressed(mail: Mail) -> set[str]:
    return {message.at for messages in mail.values() for message in messages}


@given(mails, st.integers(1, 9), known_ones)
def test_the_portions_together_are_the_mail(mail: dict[int, list[Message]], most: int, known: set[str]) -> None:
    first, rest = split(mail, most, known)
    for partition, whole in mail.items():
        assert [*first.get(partition, []), *rest.get(partition, [])] == whole
    assert all(first.values())
    assert all(rest.values())


@given(mails, st.integers(1, 9), known_ones)
def test_a_portion_asks_for_so_many_unknown_mailboxes_and_only_then_leaves_a_rest(
    mail: dict[int, list[Message]], most: int, known: set[str]
) -> None:
    first, rest = split(mail, most, known)
    assert len(addressed(first) - known) == min(most, len(addressed(mail) - known))
    for partition, messages in rest.items():
        assert messages[0].at not in known | addressed(first), partition


def test_mail_for_known_mailboxes_stays_together_however_much_it_is() -> None:
    mail = {1: [Link("device_id:1", "customer_id:1", time) for time in range(1_000)]}
    assert split(mail, 1, {"device_id:1"}) == (mail, {})
