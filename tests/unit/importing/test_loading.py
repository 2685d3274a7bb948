import pytest

from pipeline.importing.loading import parse_mapping
from pipeline.importing.section import MappingError
from tests.unit.importing.helpers import EVENT, HEAD

GOOD = HEAD + EVENT
TYPES = ("web.page_viewed", "web.clicked", "support.ticket_opened")
NAMESPACES = ("customer_id", "anonymous_id")


def complaint(text: str) -> str:
    with pytest.raises(MappingError) as caught:
        parse_mapping(text, "shop.toml", TYPES, NAMESPACES)
    return str(caught.value)


def test_a_good_mapping() -> None:
    mapping = parse_mapping(GOOD, "shop.toml", TYPES, NAMESPACES)
    assert mapping.name == "shop"
    assert mapping.inputs["rows"].columns == {"id"}
    assert mapping.events[0].source == "/import/shop"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "shop.toml: this is not TOML: Invalid value (at end of document)"),
        ("[inputs.rows]", "shop.toml: name: a text is expected, found nothing"),
        ('name = "shop"', "shop.toml: inputs: at least one input is expected, as [inputs.NAME]"),
        (HEAD, "shop.toml: events: at least one event is expected, as [[events]]"),
        (
            "nam = 1\n" + GOOD,
            "shop.toml: nam: the key is not known here; did you mean 'name'? known: decimal, desc",
        ),
        ("formats = 3\n" + GOOD, "shop.toml: formats: a text or an array of texts is expected, found a number: 3"),
        ('formats = "DD/MM"\n' + GOOD, "shop.toml: formats: 'DD/MM' is no date format; expected iso"),
        (
            'formats = "%d/%m %H:%M"\n' + GOOD,
            "shop.toml: formats: '%d/%m %H:%M' has no year, and would be read as of 1900",
        ),
        ('timezone = "Mars"\n' + GOOD, "shop.toml: timezone: 'Mars' is no time zone; expected a name like"),
        (
            GOOD.replace("[inputs.rows]", "[inputs.rows]\ndelimiter = '\\t'"),
            "inputs, rows, delimiter: one character is expected, such as",
        ),
        (GOOD + "event = 3", "shop.toml: events[1], event: the key is not known here;"),
        (GOOD + 'from = "row"', "shop.toml: events[1], from: 'row' is not known here; did you mean 'rows'?"),
        (
            GOOD + 'id = "constant"',
            "events[1], id: a template with a {column} is expected, or all events would have one",
        ),
        (GOOD + 'row = "first"', "events[1], row: only an input with a 'group' column has first and later rows"),
        (
            GOOD + "when.a.changes = true",
            "events[1], when, a, changes: there is no row before: the input needs a 'group'",
        ),
        (GOOD + "when.a = {}", "events[1], when, a: a test is expected: is, not, present, matches, any, becomes"),
        (GOOD + 'when.a.matches = "("', "events[1], when, a, matches: '(' is no regular expression: "),
        (GOOD + "when.a.iss = 1", "events[1], when, a, iss: the key is not known here; did you mean 'is'?"),
        (
            GOOD + "data.x = {}",
            "events[1], data, x: exactly one of column, previous, constant, template, lookup, fields",
        ),
        (GOOD + "data.x = 1", "events[1], data, x: a table is expected, found a number: 1"),
        (
            GOOD + 'data.x = { column = "a", constant = 1 }',
            "events[1], data, x: exactly one of column, previous, constant, template, lookup, fields, first_of, "
            "earliest_of, latest_of is expected; found column and constant",
        ),
        (
            GOOD + 'data.x = { column = "a", as = "int" }',
            "data, x, as: 'int' is not known here; did you mean 'integer'?",
        ),
        (
            GOOD + 'data.x = { column = "a", defualt = 1 }',
            "x, defualt: the key is not known here; did you mean 'default'?",
        ),
        (GOOD + 'data.x.first_of = ["a"]', "data, x, first_of: an array of at least two values is expected"),
        (GOOD + 'data.x = { lookup = "b" }', "data, x, lookup: there is no lookup 'b'; there are none"),
        (
            GOOD.replace("web.page_viewed", "web.page_view"),
            "there is no event type 'web.page_view'; did you mean 'web.pa",
        ),
        (
            GOOD.replace("customer_id", "costumer_id"),
            "identifiers, costumer_id: the namespace is not known; did you mean",
        ),
        (
            GOOD.replace("identifiers.customer_id", "data.id"),
            "events[1], identifiers: at least one identifier is expected",
        ),
        (
            GOOD + 'data.identifiers.fields.customer_id = "mail"',
            "events[1], data, identifiers: identifiers belong beside data, not in it; expected identifiers.NAME",
        ),
        (
            GOOD.replace("identifiers.customer_id", "data.identifiers.customer_id"),
            "events[1], data, identifiers: identifiers belong beside data, not in it; expected identifiers.NAME",
        ),
        (GOOD + "data.x.constant = 2020-01-01", "data, x, constant: a table is expected, found a date or time"),
    ],
)
def test_a_complaint_says_where_and_what_is_expected(text: str, message: str) -> None:
    found = complaint(text)
    assert found.startswith("shop.toml: ")
    assert message in found


def test_a_lookup_needs_one_way_to_use_it() -> None:
    text = GOOD + 'data.x = { lookup = "b" }\n[lookups.b]\nkey = "id"\n'
    assert "exactly one of column, sum, count, list, each; found none" in complaint(text)


def test_a_lookup_needs_a_key() -> None:
    assert "lookups, b, key: a text is expected, found nothing" in complaint(GOOD + "[lookups.b]\n")
