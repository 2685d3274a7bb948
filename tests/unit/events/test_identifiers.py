"""Normal forms of identifiers, and their order."""

from uuid import UUID

import pytest

from pipeline.events.dead_letter import Reason
from pipeline.events.identifiers import IdentifierRules, reduce_phone
from pipeline.events.intake_policy import IntakePolicy
from pipeline.identity.policy import IdentityPolicy, Namespace, NamespaceClass
from tests.unit.events.samples import accept, page, reject

RULES = IdentifierRules(IdentityPolicy(), IntakePolicy())


@pytest.mark.parametrize(
    ("namespace", "given", "expected"),
    [
        ("customer_id", "  42\t", "42"),
        ("customer_id", 42, "42"),
        ("customer_id", -1, "-1"),
        ("customer_id", "A b:C", "A b:C"),
        ("customer_id", "007", "007"),
        ("email", " Ada@Example.COM ", "ada@example.com"),
        ("phone", "+49 (30) 123-456", "+4930123456"),
        ("phone", "tel:+49 30 123456", "+4930123456"),
        ("phone", 4930123456, "4930123456"),
        ("phone", "030/123456", "030123456"),
        ("phone", "+٩٦٦ ١٢٣ ٤٦٧٨", "+9661234678"),
        ("phone", "+۹۸ ۲۱ 1234", "+98211234"),
        ("phone", "\uff0b\uff18\uff11 \uff13", "+813"),
        ("phone", "०९८", "098"),
    ],
)
def test_values_are_brought_into_their_normal_form(namespace: str, given: object, expected: str) -> None:
    assert RULES.normalise({namespace: given}) == {namespace: expected}


@pytest.mark.parametrize(
    "given",
    [None, "", "  ", "null", "NULL", " None ", "undefined", "Anonymous", "0", 0, "-", "N/A", "NaN", f"{UUID(int=0)}"],
)
def test_nullish_values_count_as_absent(given: object) -> None:
    assert RULES.normalise({"anonymous_id": "a", "customer_id": given}) == {"anonymous_id": "a"}
    assert "holds no usable value" in reject(page({"customer_id": given}), Reason.NO_IDENTIFIER)


@pytest.mark.parametrize("given", ["unknown", "n/a", "+", "ext.", "(0)", "0", "\u0660"])
def test_a_phone_number_that_says_nothing_counts_as_absent(given: str) -> None:
    assert RULES.normalise({"order_id": "1", "phone": given}) == {"order_id": "1"}


def test_nullish_values_are_configured_whatever_their_case() -> None:
    policy = IntakePolicy(nullish=("Gast",))
    taken = accept(page({"customer_id": "gast", "anonymous_id": "0"}), policy)
    assert taken.identifiers == ("anonymous_id:0",)
    assert "holds no usable" in reject(page({"customer_id": ""}), Reason.NO_IDENTIFIER, policy)


@pytest.mark.parametrize(
    ("given", "detail"),
    [
        ({"customer_id": True}, "data.identifiers.customer_id: must be a text or a whole number"),
        ({"customer_id": 4.5}, "data.identifiers.customer_id: must be a text or a whole number"),
        ({"customer_id": 2.0**70}, "data.identifiers.customer_id: must be a text or a whole number"),
        ({"customer_id": ["42"]}, "data.identifiers.customer_id: must be a text or a whole number"),
        ({"email": {}}, "data.identifiers.email: must be a text or a whole number"),
        ({"customer_id": "x" * 257}, "data.identifiers.customer_id: has 257 characters, at most 256"),
        ({"customer_id": "4\n2"}, "data.identifiers.customer_id: must not hold control characters"),
        ({"customer_id": "4\u202e2"}, "data.identifiers.customer_id: must not hold control characters"),
        (
            {"anonymous_id": "a", "custmer_id": "42"},
            "data.identifiers: 'custmer_id' is no known namespace. Known: cust",
        ),
        ({"anonymous_id": "a", "Email": None}, "data.identifiers: 'Email' is no known namespace"),
        (["42"], "data.identifiers: must be an object"),
        ("42", "data.identifiers: must be an object"),
    ],
)
def test_what_cannot_be_an_identifier_is_rejected(given: object, detail: str) -> None:
    assert reject(page(given), Reason.INVALID_DATA).startswith(detail)


@pytest.mark.parametrize("given", [None, {}])
def test_nobody_is_no_identifier(given: object) -> None:
    assert "say whom the event is about" in reject(page(given), Reason.NO_IDENTIFIER)


def test_identifiers_are_ordered_by_rank_then_by_name() -> None:
    given = {"parcel_id": "p", "phone": "+1", "anonymous_id": "a", "customer_id": "c", "order_id": "o"}
    found = RULES.normalise(given)
    assert isinstance(found, dict)
    assert list(found) == ["customer_id", "phone", "anonymous_id", "order_id", "parcel_id"]
    equals = {name: Namespace(NamespaceClass.PERSON, 5) for name in ("b", "c", "a")}
    found = IdentifierRules(IdentityPolicy(namespaces=equals), IntakePolicy()).normalise({"c": "1", "a": "2", "b": "3"})
    assert isinstance(found, dict)
    assert list(found) == ["a", "b", "c"]


@pytest.mark.parametrize(("given", "expected"), [("", ""), ("++49", "+49"), ("49+30", "4930"), ("²", ""), ("+", "")])
def test_a_phone_number_keeps_a_leading_plus_and_digits(given: str, expected: str) -> None:
    assert reduce_phone(given) == expected
