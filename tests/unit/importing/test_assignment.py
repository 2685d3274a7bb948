import pytest

from pipeline.importing.assignment import assign
from pipeline.importing.loading import parse_mapping
from pipeline.importing.section import MappingError
from tests.unit.importing.helpers import EVENT, HEAD

MAPPING = parse_mapping(
    """
name = "shop"
[inputs.orders]
file = "orders*.csv*"
[inputs.visits]
file = "visits.ndjson"
[lookups.people]
file = "people.csv"
key = "id"
[[events]]
from = "orders"
type = "web.order_placed"
identifiers.order_id = "order"
""",
    "shop.toml",
)


def test_files_find_their_place_by_name() -> None:
    assert assign(MAPPING, ["x/orders-1.csv.gz", "people.csv", "y/orders-2.csv"]) == {
        "orders": ["x/orders-1.csv.gz", "y/orders-2.csv"],
        "visits": [],
        "people": ["people.csv"],
    }


def test_a_place_can_be_named() -> None:
    assert assign(MAPPING, ["orders=o=1.txt", "people=p.txt"])["orders"] == ["o=1.txt"]


def test_a_single_input_takes_any_file() -> None:
    mapping = parse_mapping(HEAD + EVENT, "shop.toml")
    assert assign(mapping, ["a.txt", "b=c.txt"]) == {"rows": ["a.txt", "b=c.txt"]}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            ["other.csv", "people.csv"],
            "other.csv: the mapping 'shop' has no input or lookup for it; it reads orders (orders",
        ),
        (["orders.csv"], "the mapping 'shop' looks up 'people' in a file named like people.csv; give it too"),
        (["people.csv"], "the mapping 'shop' needs a file named like orders*.csv* or visits.ndjson: give it"),
    ],
)
def test_what_is_missing_or_too_much(files: list[str], message: str) -> None:
    with pytest.raises(MappingError) as caught:
        assign(MAPPING, files)
    assert str(caught.value).startswith(message)
