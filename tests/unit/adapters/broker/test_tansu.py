"""The binary of the embedded broker, for users whose home directory takes nothing."""

from pathlib import Path

import pytest

from pipeline.adapters.broker.tansu import BinaryMissingError, broker_binary


def test_a_home_that_takes_nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.touch()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("CALF_TANSU_BIN", raising=False)
    with pytest.raises(BinaryMissingError, match=f"Not a directory: {home}.*Let HOME name"):
        broker_binary.__wrapped__()


def test_no_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", none)
    monkeypatch.delenv("CALF_TANSU_BIN", raising=False)
    with pytest.raises(BinaryMissingError, match="Could not determine home directory"):
        broker_binary.__wrapped__()
