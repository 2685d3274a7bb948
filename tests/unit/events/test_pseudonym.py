"""Pseudonyms and personal fields."""

import hmac

import orjson
import pytest

from pipeline.catalogue.personal import PersonalField, Treatment
from pipeline.events.dead_letter import Reason
from pipeline.events.pseudonym import Pseudonymiser, is_pseudonym
from tests.unit.events.samples import SECRET, JsonObject, accept, event, page, reject


def expected(text: str, secret: bytes = SECRET) -> str:
    return hmac.new(secret, text.encode(), "sha256").hexdigest()[:32]


@pytest.mark.parametrize("secret", [b"x", b"k" * 63, b"k" * 64, b"k" * 65, bytes(range(200))])
def test_a_pseudonym_is_a_truncated_hmac(secret: bytes) -> None:
    hidden = Pseudonymiser(secret, ["email"]).identifier("email", "ada@example.com")
    assert hidden == expected("email:ada@example.com", secret)
    assert is_pseudonym(hidden)


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        Pseudonymiser(b"", ["email"])


def test_nothing_of_an_email_or_a_phone_number_leaves_the_intake() -> None:
    taken = accept(page({"anonymous_id": "a-1", "email": "Ada@Example.com", "phone": "+49 30 1"}))
    email, phone = expected("email:ada@example.com"), expected("phone:+49301")
    assert taken.identifiers == (f"email:{email}", f"phone:{phone}", "anonymous_id:a-1")
    assert orjson.loads(taken.data)["identifiers"] == {"anonymous_id": "a-1", "email": email, "phone": phone}


def test_equal_values_of_two_namespaces_have_different_pseudonyms() -> None:
    pseudonymiser = Pseudonymiser(SECRET, ["email", "phone"])
    assert pseudonymiser.identifier("email", "1") != pseudonymiser.identifier("phone", "1")
    assert pseudonymiser.identifier("customer_id", "1") == "1"


def test_personal_fields_are_dropped_or_hashed_as_the_schema_says() -> None:
    data: JsonObject = {"identifiers": {"ticket_id": "t"}, "body": "Where is it?", "caller_number": "030 1"}
    taken = accept(event("support.ticket_opened", data))
    assert orjson.loads(taken.data) == {"identifiers": {"ticket_id": "t"}, "caller_number": expected("030 1")}


def test_personal_fields_are_validated_before_they_go() -> None:
    data: JsonObject = {"identifiers": {"ticket_id": "t"}, "body": ["Where is it?"]}
    assert reject(event("support.ticket_opened", data), Reason.INVALID_DATA).startswith("data.body: must be a string")


@pytest.mark.parametrize(
    ("path", "treatment", "before", "after"),
    [
        (("a",), Treatment.DROP, {"a": 1, "b": 2}, {"b": 2}),
        (("a", "b"), Treatment.DROP, {"a": {"b": 1, "c": 2}}, {"a": {"c": 2}}),
        (("a", "b"), Treatment.DROP, {"a": 1}, {"a": 1}),
        (("a", "*", "b"), Treatment.DROP, {"a": [{"b": 1}, {"c": 2}, 3]}, {"a": [{}, {"c": 2}, 3]}),
        (("a", "*"), Treatment.DROP, {"a": [1, 2]}, {"a": []}),
        (("a", "*"), Treatment.HASH, {"a": ["x", None]}, {"a": [expected("x"), None]}),
        (("a", "*", "*"), Treatment.HASH, {"a": [["x"], "y"]}, {"a": [[expected("x")], "y"]}),
        (("a",), Treatment.HASH, {"a": {"z": 1, "b": 2}}, {"a": expected('{"b":2,"z":1}')}),
        (("a",), Treatment.HASH, {"a": 7}, {"a": expected("7")}),
        (("a",), Treatment.HASH, {"b": 7}, {"b": 7}),
    ],
)
def test_personal_fields_are_reached_at_any_depth(
    path: tuple[str, ...], treatment: Treatment, before: JsonObject, after: JsonObject
) -> None:
    content = orjson.loads(orjson.dumps(before))
    Pseudonymiser(SECRET, []).treat(content, [PersonalField(path, treatment)])
    assert content == after
