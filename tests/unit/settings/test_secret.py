"""The pseudonymisation key: where it comes from, and how it is kept."""

from pathlib import Path

import pytest

from pipeline.adapters.secret import ensure_secret, secret_key
from pipeline.settings.errors import SettingsError
from pipeline.settings.model import Settings
from pipeline.settings.secret import Secret
from tests.closed import close


def test_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    file = ensure_secret(Settings(), tmp_path)
    assert file is not None
    assert file.stat().st_mode & 0o777 == 0o600
    first = secret_key(Settings(), tmp_path)
    assert ensure_secret(Settings(), tmp_path) == file
    assert secret_key(Settings(), tmp_path) == first
    assert len(first) == 64
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


def test_two_data_directories_get_two_keys(tmp_path: Path) -> None:
    keys = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        ensure_secret(Settings(), tmp_path / name)
        keys.append(secret_key(Settings(), tmp_path / name))
    assert keys[0] != keys[1]


def test_the_setting_counts_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from the file, long enough\n")
    assert secret_key(Settings(secret_file=str(file))) == b"from the file, long enough"
    both = Settings(secret=Secret("from the settings, long enough"), secret_file=str(file))
    assert secret_key(both) == b"from the settings, long enough"
    assert ensure_secret(both, tmp_path) is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(), "not set"),
        (Settings(secret=Secret("short")), "at least 16 bytes"),
        (Settings(secret_file="/nowhere/at/all"), "cannot be read"),
    ],
)
def test_says_what_is_wrong(settings: Settings, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        secret_key(settings)


def test_a_directory_that_may_not_be_entered_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    close(tmp_path, monkeypatch)
    with pytest.raises(SettingsError, match="secret cannot be read: Permission denied"):
        secret_key(Settings(), tmp_path)
    with pytest.raises(SettingsError, match="secret cannot be read: Permission denied"):
        ensure_secret(Settings(), tmp_path)
