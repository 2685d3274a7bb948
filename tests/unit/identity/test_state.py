import msgspec
import pytest

from pipeline.identity.links import Links
from pipeline.identity.mailbox import Mailbox, decode_state, encode_state
from pipeline.identity.recalled import Recalled
from pipeline.identity.state import StateFormatError, decode, encode

DEVICE = "anonymous_id:a"


def full() -> Mailbox:
    mailbox = Mailbox("order_id:o")
    for time in (30, 10, -5):
        mailbox.links.add("email:a", time, ())
    mailbox.links.add("customer_id:ü\0'", 20, ("parcel_id:p", "ticket_id:t"))
    mailbox.links.add("customer_id:ü\0'", 20, ("receipt_id:r",))
    mailbox.links.dissolve("ticket_id:x")
    mailbox.version = 7
    mailbox.stale = {"parcel_id:p": Recalled((5, 700), (3, 0, 4)), "anonymous_id:a": Recalled(versions=(1,))}
    return mailbox


def test_a_pristine_mailbox_takes_no_bytes() -> None:
    assert encode_state(Mailbox("email:a")) == b""
    mailbox = decode_state("email:a", b"")
    assert (mailbox.version, mailbox.stale, bool(mailbox.links)) == (0, {}, False)


def test_everything_survives_a_round_trip() -> None:
    mailbox = full()
    restored = decode_state("order_id:o", encode_state(mailbox))
    assert restored.identifier == "order_id:o"
    assert restored.links.direct == mailbox.links.direct
    assert restored.links.bridged == mailbox.links.bridged
    assert restored.links.dissolved == mailbox.links.dissolved
    assert restored.links.size == mailbox.links.size
    assert (restored.version, restored.stale) == (mailbox.version, mailbox.stale)


def test_the_same_content_gives_the_same_bytes() -> None:
    one, other = Links(), Links()
    observations = [(f"email:{number}", time) for number in range(5) for time in (1, 2, 3)]
    for target, time in observations:
        one.add(target, time, ())
    for target, time in reversed(observations):
        other.add(target, time, ())
    few, many = Recalled(versions=(1,)), Recalled((10, 20), (0, 3, 0))
    assert encode(one, 1, {"a:1": few, "b:1": many}) == encode(other, 1, {"b:1": many, "a:1": few})


def test_a_busy_visitor_stays_small() -> None:
    links = Links()
    for number in range(1000):
        links.add("customer_id:42", 1_700_000_000_000 + number * 300_000, ())
    assert len(encode(links, 1, {})) < 6_000


def test_marks_of_the_first_version_are_about_all_times() -> None:
    written_before = b"\x01" + msgspec.msgpack.encode([2, {"customer_id:1": [10]}, {}, [], {DEVICE: 3}])
    links, version, stale = decode(written_before)
    assert (links.direct, version, stale) == ({"customer_id:1": [10]}, 2, {DEVICE: Recalled(versions=(3,))})


@pytest.mark.parametrize(
    "state", [b"\x03\x90", b"\x01", b"\x01\xc1", b"\x01\x95\x01\x02\x03\x04\x05", b"\x02\x95\x00\x81\xa1\xff"]
)
def test_another_version_and_damage_are_told_apart_from_content(state: bytes) -> None:
    with pytest.raises(StateFormatError):
        decode(state)
