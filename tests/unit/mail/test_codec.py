"""Mail survives packing, that of former releases too, and damage is told apart from mail."""

import msgspec
import pytest

from pipeline.identity.messages import Dissolve, Hop, Link, Message, Recall, Touch
from pipeline.mail.codec import VERSION, MailFormatError, pack, unpack
from tests.unit.identity.events import event

DEVICE, ANN = "anonymous_id:a", "customer_id:ann"
MAIL: list[Message] = [
    Touch(ANN, event("1", 5, ANN, DEVICE), 5, (Hop(DEVICE, 5, 1),)),
    Link(DEVICE, ANN, 10),
    Link("email:e", ANN, 10, ("order_id:o", "parcel_id:p")),
    Dissolve("email:e", "order_id:o"),
    Recall(ANN, DEVICE, 2),
    Recall(ANN, DEVICE, 3, since=20, until=40),
]


def test_every_message_survives_in_its_order() -> None:
    assert unpack(pack(MAIL)) == MAIL
    assert unpack(pack([])) == []


def test_a_recall_that_names_no_stretch_is_about_all_times() -> None:
    written_before = bytes((VERSION,)) + msgspec.msgpack.encode([["r", ANN, DEVICE, 2]])
    assert unpack(written_before) == [Recall(ANN, DEVICE, 2, since=None, until=None)]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (b"", "nothing"),
        (b"\x09\x90", "found 9"),
        (bytes((VERSION,)), "damaged"),
        (bytes((VERSION,)) + b"\xc1", "damaged"),
        (bytes((VERSION,)) + msgspec.msgpack.encode([["x", ANN]]), "damaged"),
        (bytes((VERSION,)) + msgspec.msgpack.encode([["r", ANN, DEVICE, "2"]]), "damaged"),
        (pack(MAIL)[:-1], "damaged"),
        (pack([Link(DEVICE, ANN, 10)]).replace(b"ann", b"\xff\xff\xff"), "damaged"),
    ],
)
def test_what_is_no_mail_says_why(record: bytes, said: str) -> None:
    with pytest.raises(MailFormatError, match=said):
        unpack(record)
