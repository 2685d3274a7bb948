"""Identifiers as people write them, as they are stored."""

import hmac
from typing import Final

import click
import pytest

from pipeline.cli.context import Context
from pipeline.cli.identifier import stored_identifier

SECRET: Final = "a secret that nobody else has"


@pytest.fixture
def context() -> Context:
    context = Context()
    context.override(secret=SECRET)
    return context


def test_people_find_identifiers_as_they_write_them(context: Context) -> None:
    digest = hmac.new(SECRET.encode(), b"email:ada@example.com", "sha256").hexdigest()
    hidden = f"email:{digest[:32]}"
    assert stored_identifier(context, "email: Ada@Example.com") == hidden
    assert stored_identifier(context, hidden) == hidden
    assert stored_identifier(context, "customer_id:42") == "customer_id:42"
    assert stored_identifier(context, "customer_id:a:b") == "customer_id:a:b"


@pytest.mark.parametrize("written", ["42", "mail:ada@example.com", "customer_id:", "customer_id:null", ""])
def test_people_are_told_what_is_no_identifier(context: Context, written: str) -> None:
    with pytest.raises(click.UsageError):
        stored_identifier(context, written)
