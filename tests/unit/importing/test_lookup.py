from pipeline.importing.mapper import MappedEvent
from pipeline.importing.row import Json, Rejected
from pipeline.importing.run import Unmapped
from tests.unit.importing.helpers import outcomes

MAPPING = """
name = "shop"
[inputs.orders]
file = "orders.csv"
[lookups.payments]
file = "payments.csv"
key = "order"
[[events]]
type = "web.order_placed"
identifiers.order_id = "order"
data.it = """
PAYMENTS = "order,kind,value\n1,card,10.10\n2,cash,5\n1,voucher,0.2\n1,,\n"


def imported(value: str, order: str, payments: str = PAYMENTS) -> MappedEvent | Rejected | Unmapped:
    (outcome,) = outcomes(MAPPING + value, {"orders.csv": f"order,alias\n{order},2\n", "payments.csv": payments})
    return outcome


def looked_up(value: str, order: str) -> Json:
    outcome = imported(value, order)
    assert isinstance(outcome, MappedEvent)
    body = outcome.event["data"]
    assert isinstance(body, dict)
    return body.get("it")


def test_the_first_row_gives_a_column() -> None:
    assert looked_up('{ lookup = "payments", column = "kind" }', "1") == "card"


def test_sums() -> None:
    assert looked_up('{ lookup = "payments", sum = "value" }', "1") == 10.3
    assert looked_up('{ lookup = "payments", sum = ["value", "order"] }', "1") == 13.3


def test_counts_and_lists() -> None:
    assert looked_up('{ lookup = "payments", count = true }', "1") == 3
    assert looked_up('{ lookup = "payments", list = "kind" }', "1") == ["card", "voucher"]


def test_an_object_for_each_row() -> None:
    value = '{ lookup = "payments", each = { kind = "kind", value = { column = "value", as = "money" } } }'
    assert looked_up(value, "1") == [{"kind": "card", "value": 10.1}, {"kind": "voucher", "value": 0.2}]


def test_another_column_holds_the_key() -> None:
    assert looked_up('{ lookup = "payments", by = "alias", column = "kind" }', "1") == "cash"


def test_no_match_is_a_missing_value() -> None:
    for way in ('column = "kind"', 'sum = "value"', "count = true", 'list = "kind"'):
        assert looked_up(f'{{ lookup = "payments", {way} }}', "9") is None
    assert looked_up('{ lookup = "payments", count = true, default = 0 }', "9") == 0


def test_a_wrong_value_there_rejects_the_event_here() -> None:
    found = imported('{ lookup = "payments", sum = "value" }', "1", "order,value\n1,much\n")
    assert found == Rejected("orders.csv", 2, "payments.value", "much", "a number is expected", "web.order_placed")
