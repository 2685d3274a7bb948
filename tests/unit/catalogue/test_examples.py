"""Checking the examples of a catalogue."""

from pathlib import Path

import pytest

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.error import CatalogueError
from pipeline.catalogue.examples import example_problems, load_examples
from tests.unit.catalogue.files import schema, write

GOOD: dict[str, object] = {"identifiers": {}, "url": "/"}
BAD: dict[str, object] = {"data": {"identifiers": {}, "url": 1}, "reason": "No text", "field": "url"}


def problems(directory: Path, examples: object) -> list[str]:
    """What is said about the examples of a type whose `url` must be a text."""
    write(directory, "web/a.json", schema({"url": {"type": "string"}}))
    if examples is not None:
        write(directory, "web/a.examples.json", examples)
    return example_problems(Catalogue.load([directory]), load_examples([directory]))


def test_examples_that_behave_are_fine(tmp_path: Path) -> None:
    assert problems(tmp_path, {"valid": [GOOD, GOOD], "invalid": [BAD, BAD]}) == []


@pytest.mark.parametrize(
    ("examples", "problem"),
    [
        (None, "web.a: no examples beside the schema"),
        ({"valid": [GOOD], "invalid": [BAD, BAD]}, "web.a: 2 valid and 2 invalid examples are needed"),
        ({"valid": [GOOD, {"url": 1}], "invalid": [BAD, BAD]}, "web.a: valid[1] is rejected: url must be a string"),
        ({"valid": [GOOD, GOOD], "invalid": [BAD, {**BAD, "data": GOOD}]}, "web.a: invalid[1] is accepted"),
        (
            {"valid": [GOOD, GOOD], "invalid": [BAD, {**BAD, "field": "title"}]},
            "web.a: invalid[1] is rejected for url, not for title",
        ),
        (
            {"valid": [GOOD, GOOD], "invalid": [BAD, {"reason": "x", "field": "y"}]},
            "web.a: invalid[1] needs either data or event",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, examples: object, problem: str) -> None:
    assert problems(tmp_path, examples) == [problem]


def test_orphans_are_found(tmp_path: Path) -> None:
    write(tmp_path, "web/b.examples.json", {"valid": [], "invalid": []})
    assert "web.b: examples without a schema" in problems(tmp_path, {"valid": [GOOD, GOOD], "invalid": [BAD, BAD]})


def test_examples_of_another_form_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="has another form"):
        problems(tmp_path, {"good": []})
