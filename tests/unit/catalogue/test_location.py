"""Finding the files that travel with the package."""

from pathlib import Path

import pytest

from pipeline.catalogue import location


def test_a_checkout_has_them_beside_the_package() -> None:
    assert (location.resource_directory("schemas") / "common.json").is_file()


def test_a_wheel_has_them_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "pipeline" / "resources" / "schemas"
    inside.mkdir(parents=True)
    (tmp_path / "schemas").mkdir()
    monkeypatch.setattr(location, "PACKAGE", tmp_path / "pipeline")
    assert location.resource_directory("schemas") == inside


def test_an_incomplete_installation_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(location, "PACKAGE", tmp_path / "pipeline")
    with pytest.raises(FileNotFoundError, match="Install touchline again"):
        location.resource_directory("schemas")
