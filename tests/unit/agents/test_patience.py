import pytest

from agents import patience
from agents.patience import patiently
from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError


async def test_an_outage_is_waited_for_and_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(patience, "FIRST_DELAY_SECONDS", 0.001)
    attempts = []

    async def attempt() -> str:
        attempts.append(True)
        if len(attempts) < 4:
            raise StoreUnavailableError("away")
        return "here"

    assert await patiently("test", attempt) == "here"
    assert len(attempts) == 4
    assert [record.getMessage() for record in caplog.records] == [
        "test waits for the store: away",
        "test goes on, after 0 s",
    ]


async def test_a_refusal_is_raised() -> None:
    async def attempt() -> None:
        raise StoreRejectedError("never")

    with pytest.raises(StoreRejectedError):
        await patiently("test", attempt)
