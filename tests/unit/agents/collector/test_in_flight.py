"""The bound on bytes in flight."""

import pytest

from agents.collector.in_flight import InFlight


def test_shares_are_bounded_together_and_given_back() -> None:
    whole = InFlight(10)
    with whole.share() as one, whole.share() as other:
        assert one.take(6)
        assert not other.take(5)
        assert other.take(4)
        assert not one.fits(1)
        assert whole.bytes == 10
    assert whole.bytes == 0


def test_a_share_is_given_back_whatever_happens() -> None:
    whole = InFlight(10)

    def fail() -> None:
        with whole.share() as share:
            assert share.take(7)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert whole.bytes == 0
