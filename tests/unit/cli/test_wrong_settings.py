"""Settings that name what is not there or cannot be: said at once, and as the user's to mend."""

from pathlib import Path

import pytest

from pipeline.cli import main as main_module
from tests.unit.catalogue.files import schema, write


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration file of this checkout, and no data of this machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOUCHLINE_DATA", str(tmp_path / "data"))


def outcome(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str]:
    """Exit status and everything that was said."""
    with pytest.raises(SystemExit) as ended:
        main_module.main(arguments)
    said = capsys.readouterr()
    return ended.value.code, said.out + said.err


@pytest.mark.parametrize(
    "arguments",
    [("up",), ("demo",), ("import", "--dry-run", "olist", "."), ("dead-letters", "replay", "--everything")],
    ids=" ".join,
)
def test_a_schema_directory_that_is_not_there(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHLINE_SCHEMAS", "nowhere")
    status, said = outcome(capsys, *arguments)
    assert status == 2
    assert "nowhere: is no directory. Name a directory" in said
    assert "fault" not in said


@pytest.mark.parametrize(
    ("option", "address"),
    [("--broker", "kafka:99999"), ("--broker", "a b"), ("--clickhouse", "localhost"), ("--clickhouse", "http://h:x/t")],
)
def test_an_address_that_is_none(option: str, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = outcome(capsys, "up", option, address)
    assert status == 2
    assert f"{option[2:]}: " in said
    assert "fault" not in said


def test_a_data_directory_that_is_not_writable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path / "data")
    status, said = outcome(capsys, "up")
    assert status == 1
    assert f"{tmp_path / 'data'} is not writable" in said
    assert "to another directory" in said


def test_doctor_judges_the_examples_of_own_types(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "ours/delivery/only_in_this_test.json", schema())
    monkeypatch.setenv("TOUCHLINE_SCHEMAS", "ours")
    _, said = outcome(capsys, "doctor")
    assert "note     event types         delivery.only_in_this_test: no examples beside the schema" in said
    examples = {"valid": [{}, {}], "invalid": [{"data": {"identifiers": 1}, "reason": "a", "field": "identifiers"}] * 2}
    write(tmp_path, "ours/delivery/only_in_this_test.examples.json", examples)
    _, said = outcome(capsys, "doctor")
    assert "ok       event types" in said
    write(tmp_path, "ours/delivery/only_in_this_test.json", b"{")
    _, said = outcome(capsys, "doctor")
    assert "problem  event types         ours/delivery/only_in_this_test.json, line 1" in said
