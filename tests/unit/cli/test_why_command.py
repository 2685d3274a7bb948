"""`touchline why`, over mailboxes that the test makes up."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from click.testing import CliRunner, Result

from pipeline.cli.commands import why as why_module
from pipeline.cli.main import touchline
from pipeline.identity.mailbox import Mailbox, encode_state
from pipeline.stitching.store import StoredMailbox

HOUR: Final = 3_600_000


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """The only mailbox that is stored; to be changed before the command runs."""
    only = Mailbox("anonymous_id:a-1")

    @contextmanager
    def connected(*_: object) -> Iterator[None]:
        yield

    def load(_: object, names: list[str]) -> dict[str, StoredMailbox]:
        return {name: StoredMailbox(encode_state(only)) for name in names if name == only.identifier}

    monkeypatch.setattr(why_module, "reader", connected)
    monkeypatch.setattr(why_module, "load_mailboxes", load)
    monkeypatch.setattr(why_module, "belongings", lambda *_: [])
    return only


def why(*identifiers: str) -> Result:
    return CliRunner().invoke(touchline, ["why", *identifiers])


def test_an_identity_is_told_with_its_links(mailbox: Mailbox) -> None:
    mailbox.links.add("customer_id:42", HOUR, ())
    told = why("anonymous_id:a-1")
    assert told.exit_code == 0
    assert "customer_id:42, in one event, from 1970-01-01 01:00, once" in told.stdout


def test_namespaces_that_only_the_workers_know_are_no_fault_of_touchline(mailbox: Mailbox) -> None:
    """As in another directory than that of their touchline.toml."""
    for target in ("customer_id:42", "passport:P1"):
        mailbox.links.add(target, HOUR, ())
    told = why("anonymous_id:a-1")
    assert told.exit_code == 1
    assert "passport" in told.output
    assert "--config FILE" in told.output
    compared = why("anonymous_id:a-1", "anonymous_id:a-1")
    assert compared.output == told.output
