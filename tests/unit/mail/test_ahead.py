"""Mail that was delivered ahead says so in a header, which anybody may have written."""

import pytest

from pipeline.events.replay import Replay, replay_header
from pipeline.mail.ahead import HEADER, ahead_header, read_tenure


@pytest.mark.parametrize("tenure", [0, 7, 2**64 - 1])
def test_a_tenure_survives_beside_other_headers(tenure: int) -> None:
    replay = replay_header(Replay("touchline.mail", 0, 1, 0, 1_000, 1))
    assert read_tenure([replay, ahead_header(tenure), ("trace", None)]) == tenure


@pytest.mark.parametrize("value", [None, b"", b"7", b"-00000000000000a", b"g" * 16, "é".encode() * 8, b"1" * 5_000])
def test_what_is_no_tenure_is_none(value: bytes | None) -> None:
    assert read_tenure([(HEADER, value)]) is None


def test_other_mail_has_none() -> None:
    assert read_tenure([]) is None
