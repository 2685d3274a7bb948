"""Which file counts, and where data is kept."""

from pathlib import Path

import pytest

from pipeline.adapters.configuration import data_directory, load_settings
from pipeline.journeys.policy import JourneyPolicy
from pipeline.settings.errors import SettingsError
from pipeline.settings.model import Settings
from tests.closed import close


def test_options_count_before_environment_and_file(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text('workers = 2\ngroup = "file"\nbroker = "file:1"\n')
    environment = {"TOUCHLINE_WORKERS": "3", "TOUCHLINE_GROUP": "environment"}
    loaded = load_settings(file, environment, {"workers": 4})
    settings = loaded.settings
    assert (settings.workers, settings.group, settings.broker) == (4, "environment", "file:1")
    assert loaded.origins[("workers",)] == "the command line"


def test_the_variable_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text("workers = 2")
    assert load_settings(None, {"TOUCHLINE_CONFIG": str(file)}).settings.workers == 2


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_bytes(b"\xef\xbb\xbfworkers = 5\n")
    assert load_settings(file, {}).settings.workers == 5


def test_the_working_directory_has_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(None, {}).settings == Settings()
    Path("touchline.toml").write_text("workers = 5")
    assert load_settings(None, {}).settings.workers == 5


def test_a_working_directory_that_may_not_be_entered_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    close(tmp_path, monkeypatch)
    with pytest.raises(SettingsError, match="may not enter the working directory: run the command from another"):
        load_settings(None, {})


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        load_settings(tmp_path / "none.toml", {})


def test_the_data_directory(tmp_path: Path) -> None:
    assert data_directory(Settings(data=str(tmp_path)), {}) == tmp_path
    assert data_directory(Settings(), {"XDG_DATA_HOME": "/share"}) == Path("/share/touchline")
    assert data_directory(Settings(), {}) == Path.home() / ".local/share/touchline"


def test_no_home_for_the_data_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", none)
    with pytest.raises(SettingsError, match=r"no home directory: name a directory \(TOUCHLINE_DATA\)"):
        data_directory(Settings(), {})


def test_a_deployment_s_own_transactions_hold_journeys_together(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    booking = '[identity.namespaces.booking_id]\nkind = "transaction"\nrank = 22\n'
    file.write_text(booking)
    shipped = JourneyPolicy().transaction_namespaces
    assert load_settings(file, {}).settings.journey_policy.transaction_namespaces == shipped | {"booking_id"}
    assert Settings().journey_policy.transaction_namespaces == shipped
    file.write_text(f'{booking}[journeys]\ntransaction_namespaces = ["order_id"]\n')
    assert load_settings(file, {}).settings.journey_policy.transaction_namespaces == {"order_id"}
