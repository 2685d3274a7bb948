"""Stored identifiers and the namespaces that the settings know."""

import pytest
from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.namespaces import require_namespaces, unknown_namespaces
from pipeline.identity.policy import DEFAULT_NAMESPACES, UnknownNamespaceError


def _store(client: Client, mailboxes: list[str], customers: list[str]) -> None:
    client.insert("mailbox_rows", [[name, 1] for name in mailboxes], column_names=["identifier", "row_version"])
    rows = [[name, b"0123456789abcdef", 1] for name in customers]
    client.insert("touchpoint_rows", rows, column_names=["customer", "event_key", "row_version"])


def test_an_empty_store_knows_no_namespaces(client: Client) -> None:
    require_namespaces(client, DEFAULT_NAMESPACES)
    require_namespaces(client, ())


def test_namespaces_of_the_settings_are_known_whatever_the_values(client: Client) -> None:
    values = ("a", ":", "~", "\u00e9", "x:y")
    names = [f"{namespace}:{value}" for namespace in DEFAULT_NAMESPACES for value in values]
    _store(client, names, names)
    require_namespaces(client, DEFAULT_NAMESPACES)


def test_others_are_named_wherever_they_lie(client: Client) -> None:
    known = [f"{namespace}:1" for namespace in DEFAULT_NAMESPACES]
    _store(client, ["a:1", "emai:1", "emails:1", "email-work:1", "zebra:1", *known], ["passport:1", *known])
    assert unknown_namespaces(client, DEFAULT_NAMESPACES) == [
        "a", "emai", "email-work", "emails", "passport", "zebra",
    ]  # fmt: skip
    with pytest.raises(UnknownNamespaceError, match=r"\[identity.namespaces.passport\]"):
        require_namespaces(client, DEFAULT_NAMESPACES)


def test_a_namespace_may_begin_as_another_does(client: Client) -> None:
    known = ("email", "email-hash", "ga", "ga4")
    _store(client, [f"{namespace}:1" for namespace in known], [])
    require_namespaces(client, known)
    assert unknown_namespaces(client, ("email", "ga")) == ["email-hash", "ga4"]
    assert unknown_namespaces(client, ("email-hash", "ga4")) == ["email", "ga"]


def test_without_any_known_namespace_all_are_unknown(client: Client) -> None:
    _store(client, ["email:1"], ["phone:1"])
    assert unknown_namespaces(client, ()) == ["email", "phone"]
