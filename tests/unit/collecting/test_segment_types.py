"""From the names of track calls to event types."""

import pytest

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.collecting.segment import IDENTIFIED
from pipeline.collecting.segment_types import DEFAULT_TYPES, RENAMED, renamed, snake_case, type_of_track


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("Order Completed", "order_completed"),
        ("orderCompleted", "order_completed"),
        ("order-completed ", "order_completed"),
        ("  Viewed  /  Checkout Step 2", "viewed_checkout_step_2"),
        ("Größe geändert", "größe_geändert"),
        ("…", ""),
        ("", ""),
    ],
)
def test_names_in_snake_case(name: str, snake: str) -> None:
    assert snake_case(name) == snake
    assert snake_case(snake) == snake


@pytest.mark.parametrize(
    ("name", "event_type"),
    [
        ("Order Completed", "web.order_placed"),
        ("Signed In", "web.signed_in"),
        ("delivery.delivered", "delivery.delivered"),
        ("Wishlist Shared", "web.wishlist_shared"),
        ("nope.delivered", "web.nope_delivered"),
        ("web.Order Completed", "web.web_order_completed"),
        ("", "web.track_without_a_name"),
    ],
)
def test_a_name_is_a_type_or_in_the_table_or_a_new_name_in_web(name: str, event_type: str) -> None:
    assert type_of_track(name, DEFAULT_TYPES) == event_type


def test_the_tables_know_types_of_the_catalogue_only() -> None:
    known = Catalogue.load(schema_directories(())).types
    assert {*DEFAULT_TYPES.values(), IDENTIFIED} <= known.keys()
    assert RENAMED.keys() <= set(DEFAULT_TYPES.values())
    for event_type, fields in RENAMED.items():
        properties = known[event_type].schema["properties"]
        assert isinstance(properties, dict)
        assert fields.keys() - properties.keys() <= {"items"}, event_type


def test_the_table_has_names_in_snake_case() -> None:
    assert all(snake_case(name) == name for name in DEFAULT_TYPES)


def test_a_field_that_is_there_keeps_its_value() -> None:
    names = {"amount": ("total", "value")}
    assert renamed({"amount": 1, "total": 2}, names) == {"amount": 1, "total": 2}
    assert renamed({"amount": None, "total": None, "value": 3}, names) == {"amount": 3, "total": None}
    assert renamed({}, names) == {}
