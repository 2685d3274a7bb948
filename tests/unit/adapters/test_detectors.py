"""Detectors of a deployment, by entry points."""

from importlib.metadata import EntryPoint

import pytest

from pipeline.adapters import detectors
from pipeline.adapters.detectors import GROUP, DetectorError, installed_detectors


def install(monkeypatch: pytest.MonkeyPatch, *values: str) -> None:
    found = [EntryPoint(f"own-{number}", value, GROUP) for number, value in enumerate(values)]
    monkeypatch.setattr(detectors, "entry_points", lambda group: found if group == GROUP else [])


def test_none_are_installed_by_default() -> None:
    assert installed_detectors() == []


def test_an_entry_point_makes_a_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, f"{__name__}:Own")
    (found,) = installed_detectors()
    assert found.kinds == ("own_kind",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("no_such_module:Own", r"own-0 \(no_such_module:Own\) cannot be made: No module named"),
        (f"{__name__}:Broken", "cannot be made: out of luck"),
        ("builtins:dict", "lacks kinds, listens_to, cross_channel, detect: see"),
        (f"{__name__}:Partial", "lacks cross_channel, detect: see"),
    ],
)
def test_what_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, value: str, expected: str) -> None:
    install(monkeypatch, value)
    with pytest.raises(DetectorError, match=expected):
        installed_detectors()


class Own:
    kinds = ("own_kind",)
    listens_to = ("web.clicked",)
    cross_channel = False

    def detect(self, *_: object) -> list[object]:
        return []


class Partial:
    kinds = ("own_kind",)
    listens_to = ("web.clicked",)


class Broken:
    def __init__(self) -> None:
        raise RuntimeError("out of luck")
