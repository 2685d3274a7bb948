"""Namespaces that some settings know and others do not."""

import pytest

from pipeline.identity.links import Links
from pipeline.identity.owners import owners_of
from pipeline.identity.policy import IdentityPolicy, UnknownNamespaceError


def test_a_namespace_that_is_not_configured_is_named_with_what_to_do() -> None:
    with pytest.raises(
        UnknownNamespaceError, match=r"do not know: passport\. Give .*\[identity\.namespaces\.passport\]"
    ):
        IdentityPolicy().namespace("passport:1")


def test_a_rank_is_never_made_up_for_it() -> None:
    links = Links()
    links.add("passport:1", 0, ())
    links.add("email:a", 0, ())
    with pytest.raises(UnknownNamespaceError):
        owners_of("order_id:1", links, IdentityPolicy())
