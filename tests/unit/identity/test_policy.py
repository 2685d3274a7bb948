"""Namespaces that some settings know and others do not."""

import pytest

from pipeline.identity.links import Links
from pipeline.identity.owners import owners_of
from pipeline.identity.policy import IdentityPolicy, Namespace, NamespaceClass, UnknownNamespaceError


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


@pytest.mark.parametrize("name", ["", "crm:id"])
def test_a_name_that_ends_elsewhere_in_an_identifier_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="names without a colon"):
        IdentityPolicy(namespaces={name: Namespace(NamespaceClass.PERSON, 1)})
