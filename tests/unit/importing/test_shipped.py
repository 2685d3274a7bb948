import pytest

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.identity.policy import DEFAULT_NAMESPACES
from pipeline.importing.loading import parse_mapping
from pipeline.importing.shipped import shipped_mappings


@pytest.mark.parametrize("name", ["olist", "servicenow", "snowplow_web"])
def test_shipped_mappings_fit_the_catalogue(name: str) -> None:
    types = Catalogue.load(schema_directories()).types
    mapping = parse_mapping(shipped_mappings()[name], name, types, DEFAULT_NAMESPACES)
    assert mapping.name == name
    assert mapping.description


def test_all_of_them_are_tested() -> None:
    assert list(shipped_mappings()) == ["olist", "servicenow", "snowplow_web"]
