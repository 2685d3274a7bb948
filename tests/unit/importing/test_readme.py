"""The guide's example does what the guide says, and its tables name every key."""

import re
from pathlib import Path

import orjson
import pytest

import pipeline.importing
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.importing.condition_parsing import CHANGES
from pipeline.importing.conversions import KINDS
from pipeline.importing.loading import parse_mapping
from pipeline.importing.mapping import FORMATS, ROWS
from pipeline.importing.value_parsing import LOOKUP_WAYS, ORIGINS
from tests.unit.importing.helpers import events

GUIDE = (Path(pipeline.importing.__file__).parent / "README.md").read_text("utf-8")


def block(language: str, number: int) -> str:
    """One of the guide's code blocks."""
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return found[number]


def test_the_worked_example() -> None:
    made = events(block("toml", 0), {"orders.csv": block("csv", 0), "lines.csv": block("csv", 1)})
    assert made[0] == orjson.loads(block("json", 0))
    assert [event["id"] for event in made] == ["1001/placed", "1001/handed-over", "1002/placed", "1002/cancelled"]
    catalogue = Catalogue.load(schema_directories())
    for event in made:
        data = event["data"]
        assert isinstance(data, dict)
        assert catalogue.validate(str(event["type"]), data) is None


def test_the_example_of_an_audit_trail() -> None:
    assert parse_mapping('name = "x"\n' + block("toml", 1), "x.toml").inputs["incidents"].key == "number"


@pytest.mark.parametrize(
    "key",
    [
        *ORIGINS, *LOOKUP_WAYS, *KINDS, *CHANGES, *FORMATS, *ROWS,
        "name", "description", "source", "timezone", "formats", "decimal", "missing", "file", "format", "delimiter",
        "encoding", "group", "key", "from", "type", "id", "time", "identifiers", "data", "when", "row", "by", "as",
        "true", "false", "values", "unlisted", "default", "required", "is", "not", "present", "matches", "any",
    ],
)  # fmt: skip
def test_every_key_is_documented(key: str) -> None:
    assert f"`{key}`" in GUIDE or f"`{key} = true`" in GUIDE
