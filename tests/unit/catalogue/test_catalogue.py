"""Loading a catalogue, and what is said about one that cannot be loaded."""

import errno
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.error import CatalogueError
from pipeline.catalogue.location import schema_directories
from pipeline.catalogue.personal import PersonalField, Treatment
from pipeline.catalogue.touchpoint import Touchpoint
from tests.unit.catalogue.files import annotation, schema, write


def test_a_new_file_is_a_new_touchpoint(tmp_path: Path) -> None:
    write(tmp_path, "delivery/locker_opened.json", schema())
    loaded = Catalogue.load([tmp_path]).touchpoints
    expected = Touchpoint("delivery.locker_opened", "locker", "receive", "", "courier", "logistics")
    assert loaded == {"delivery.locker_opened": expected}


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    write(tmp_path, "delivery/locker_opened.json", b"\xef\xbb\xbf" + orjson.dumps(schema()))
    assert list(Catalogue.load([tmp_path]).types) == ["delivery.locker_opened"]


def test_a_deployment_adds_types_that_share_the_definitions(tmp_path: Path) -> None:
    reference: dict[str, object] = {"identifiers": {"$ref": "../common.json#/$defs/shipment"}}
    write(tmp_path, "delivery/only_in_this_test.json", schema(reference))
    loaded = Catalogue.load(schema_directories([tmp_path]))
    assert "web.page_viewed" in loaded.types
    assert loaded.validate("delivery.only_in_this_test", {"identifiers": {"parcel_id": "1"}}) is None
    violation = loaded.validate("delivery.only_in_this_test", {"identifiers": {"email": "a@b"}})
    assert violation == ("identifiers", "needs parcel_id or order_id")


def test_a_deployment_brings_shared_definitions_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, "ours.json", {"$defs": {"depot": {"enum": ["north", "south"]}}})
    write(tmp_path, "delivery/locker_opened.json", schema({"depot": {"$ref": "../ours.json#/$defs/depot"}}))
    loaded = Catalogue.load([tmp_path])
    assert loaded.validate("delivery.locker_opened", {"depot": "north"}) is None
    assert loaded.validate("delivery.locker_opened", {"depot": "east"}) == ("depot", "must be one of: north, south")


def test_personal_fields_are_found_at_any_depth(tmp_path: Path) -> None:
    items = {"type": "array", "items": {"properties": {"engraving": {"x-personal": "drop"}}}}
    write(tmp_path, "web/engraved.json", schema({"card": {"x-personal": "hash"}, "items": items}))
    assert Catalogue.load([tmp_path]).types["web.engraved"].personal == (
        PersonalField(("card",), Treatment.HASH),
        PersonalField(("items", "*", "engraving"), Treatment.DROP),
    )


BROKEN: dict[str, tuple[str, object, str, str]] = {
    "no JSON": ("web/a.json", b'{"type": ', "line 1 column 10", "Mend the syntax"),
    "no object": ("web/a.json", [], "", "Start it with {"),
    "a family that is none": ("wep/a.json", schema(), "", "web, delivery"),
    "another dialect": ("web/a.json", schema(dialect=...), "$schema", "2020-12"),
    "no object type": ("web/a.json", schema(type="array"), "type", '"object"'),
    "an unknown JSON type": ("web/a.json", schema({"url": {"type": "txt"}}), "properties/url/type", "See https"),
    "a pattern that is none": ("web/a.json", schema({"url": {"pattern": "("}}), "properties/url/pattern", "See https"),
    "a reference to nothing": (
        "web/a.json",
        schema({"url": {"$ref": "../no.json"}}),
        "$ref",
        "points to nothing: Resource 'no.json'",
    ),
    "a type that JSON Schema does not have": (
        "web/a.json",
        schema({"tries": {"type": "int"}}),
        "properties/tries/type",
        "must be one of: array, boolean, integer, null, number, object, string",
    ),
    "a limit that is none": ("web/a.json", schema({"x": {"minimum": "1"}}), "properties/x/minimum", "must be a number"),
    "a definition that is not there": ("web/a.json", schema({"x": {"$ref": "#/$defs/x"}}), "$ref", "'/$defs/x' does"),
    "no annotation": ("web/a.json", schema(notes=...), "x-touchline", "touchpoint, stage"),
    "a missing stage": ("web/a.json", schema(notes=annotation(stage=...)), "x-touchline.stage", "Add"),
    "a missing moment": ("web/a.json", schema(notes=annotation(moment=...)), "x-touchline.moment", "null"),
    "an unknown stage": ("web/a.json", schema(notes=annotation(stage="by")), "x-touchline.stage", "'buy'"),
    "an unknown moment": (
        "web/a.json",
        schema(notes=annotation(moment="frist")),
        "x-touchline.moment",
        "'first'",
    ),
    "an unknown channel": (
        "web/a.json",
        schema(notes=annotation(channel="fax")),
        "x-touchline.channel",
        "web, app",
    ),
    "an owner that is no label": (
        "web/a.json",
        schema(notes=annotation(owner="The Shop")),
        "x-touchline.owner",
        "lower-case",
    ),
    "an unknown annotation": (
        "web/a.json",
        schema(notes=annotation(ovner="x")),
        "x-touchline.ovner",
        "'owner'",
    ),
    "a type that is no name": ("web/Page-Viewed.json", schema(), "file name", "lower-case"),
    "an open channel": ("web/a.json", schema({"channel": {"type": "string"}}), "properties.channel", '"enum"'),
    "a channel of no catalogue": ("web/a.json", schema({"channel": {"enum": ["fax"]}}), "properties.channel", '"enum"'),
    "an unknown treatment": ("web/a.json", schema({"ip": {"x-personal": "hide"}}), "ip.x-personal", '"drop" or "hash"'),
    "a personal identifier": (
        "web/a.json",
        schema({"identifiers": {"x-personal": "drop"}}),
        "identifiers.x-personal",
        "no identifier",
    ),
    "a treatment without effect": (
        "web/a.json",
        schema(allOf=[{"properties": {"ip": {"x-personal": "drop"}}}]),
        "x-personal",
        "not inside",
    ),
    "a treatment in a shared file": (
        "ours.json",
        {"$defs": {"ip": {"x-personal": "drop"}}},
        "x-personal",
        "in the schema of each",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_named_with_the_place_and_the_remedy(tmp_path: Path, case: str) -> None:
    name, content, place, remedy = BROKEN[case]
    file = write(tmp_path, name, content)
    with pytest.raises(CatalogueError) as raised:
        Catalogue.load([tmp_path])
    assert raised.value.file in (file, file.parent)
    assert raised.value.place == place
    assert str(file.parent) in str(raised.value)
    assert remedy in str(raised.value)


@pytest.mark.parametrize("name", ["web/page_viewed.json", "common.json"])
def test_nothing_is_defined_twice(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, schema())
    with pytest.raises(CatalogueError, match="already defined in"):
        Catalogue.load(schema_directories([tmp_path]))


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="is no directory"):
        Catalogue.load([tmp_path / "no such place"])


def test_a_directory_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(directory: Path) -> Iterator[Path]:
        raise PermissionError(errno.EACCES, "Permission denied", str(directory))

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(CatalogueError, match=r"cannot be read \(Permission denied\)"):
        Catalogue.load([tmp_path])


def test_types_cannot_be_changed_behind_the_catalogue() -> None:
    loaded = Catalogue.load(schema_directories())
    assert not hasattr(loaded.types, "__setitem__")
    assert not hasattr(loaded.touchpoints, "__setitem__")
