from pipeline.importing.mapper import MappedEvent
from pipeline.importing.row import Rejected
from pipeline.importing.run import Unmapped
from tests.unit.importing.helpers import EVENT, HEAD, events, outcomes

TWO = """
name = "shop"
source = "/erp"
[inputs.orders]
[[events]]
type = "web.order_placed"
id = "{order}/placed"
time = "placed"
identifiers = { order_id = "order", customer_id = "customer" }
[[events]]
type = "delivery.delivered"
id = "{order}/delivered"
time = "arrived"
when.arrived.present = true
identifiers.order_id = "order"
source = "/carrier"
"""


def test_a_row_gives_several_events() -> None:
    made = events(TWO, {"o.csv": "order,customer,placed,arrived\n1,7,2020-01-01,2020-01-03 10:00\n2,,2020-01-02,\n"})
    assert made == [
        {
            "specversion": "1.0",
            "id": "1/placed",
            "source": "/erp",
            "type": "web.order_placed",
            "time": "2020-01-01T00:00:00.000Z",
            "data": {"identifiers": {"order_id": "1", "customer_id": "7"}},
        },
        {
            "specversion": "1.0",
            "id": "1/delivered",
            "source": "/carrier",
            "type": "delivery.delivered",
            "time": "2020-01-03T10:00:00.000Z",
            "data": {"identifiers": {"order_id": "1"}},
        },
        {
            "specversion": "1.0",
            "id": "2/placed",
            "source": "/erp",
            "type": "web.order_placed",
            "time": "2020-01-02T00:00:00.000Z",
            "data": {"identifiers": {"order_id": "2"}},
        },
    ]


def test_one_bad_event_does_not_take_the_others_of_its_row_along() -> None:
    good, bad = outcomes(TWO, {"o.csv": "order,customer,placed,arrived\n1,7,2020-01-01,soon\n"})
    assert isinstance(good, MappedEvent)
    assert bad == Rejected("o.csv", 2, "arrived", "soon", "a time is expected, as iso", "delivery.delivered")
    assert str(bad) == ("o.csv, line 2, column 'arrived': 'soon': a time is expected, as iso (for delivery.delivered)")


def test_a_time_must_be_there_if_the_mapping_names_one() -> None:
    (found,) = outcomes(TWO, {"o.csv": "order,customer,placed,arrived\n1,7,,\n"})
    assert found == Rejected("o.csv", 2, "placed", "", "a value is required here, found none", "web.order_placed")


def test_without_any_identifier_an_event_is_rejected() -> None:
    (found,) = outcomes(HEAD + EVENT, {"o.csv": "id,a\n,1\n"})
    assert found == Rejected("o.csv", 2, "id", "", "at least one identifier is required", "web.page_viewed")


def test_without_what_its_id_needs_an_event_is_rejected() -> None:
    (found,) = outcomes(HEAD + EVENT + 'id = "{a}"\n', {"o.csv": "id,a\n1,\n"})
    assert found == Rejected("o.csv", 2, "a", "", "a value is required for the id", "web.page_viewed")


def test_without_an_id_equal_rows_are_one_event_and_others_are_not() -> None:
    first, again, other = events(HEAD + EVENT, {"o.csv": "id,a\n1,x\n1,x\n1,y\n"})
    assert first["id"] == again["id"] != other["id"]


def test_a_row_that_is_about_nothing() -> None:
    assert outcomes(HEAD + EVENT + 'when.a = "x"\n', {"o.csv": "id,a\n1,y\n"}) == [Unmapped("o.csv", 2)]


def test_importing_twice_gives_the_same_events() -> None:
    files = {"o.csv": "order,customer,placed,arrived\n1,7,2020-01-01,2020-01-03 10:00\n"}
    assert events(TWO, files) == events(TWO, files)


def test_identifiers_of_json_are_texts_and_whole_numbers() -> None:
    file = '{"id": 7}\n{"id": 7.0}\n{"id": {"a": 1}}\n{"id": [7]}\n'
    first, second, *others = outcomes(HEAD + EVENT, {"rows.ndjson": file})
    assert isinstance(first, MappedEvent)
    assert isinstance(second, MappedEvent)
    assert first.event["data"] == second.event["data"] == {"identifiers": {"customer_id": "7"}}
    assert [str(other) for other in others] == [
        "rows.ndjson, line 3, column 'id': '{'a': 1}': a text is expected (for web.page_viewed)",
        "rows.ndjson, line 4, column 'id': '[7]': a text is expected (for web.page_viewed)",
    ]
