"""The detectors and the catalogue speak of the same event types."""

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.frictions.built_in import built_in
from pipeline.frictions.policy import FrictionPolicy
from pipeline.frictions.shipment import ENDING_TYPES, PROMISING_TYPES, SHIPMENT_TYPES
from pipeline.frictions.ticket import CONTACT_TYPES, TICKET_TYPES


def test_the_catalogue_has_every_type_that_detectors_read() -> None:
    policy = FrictionPolicy()
    read = {name for detector in built_in(policy, 1) for name in detector.listens_to}
    read |= {*SHIPMENT_TYPES, *TICKET_TYPES, *CONTACT_TYPES, *PROMISING_TYPES, *ENDING_TYPES}
    read |= policy.cross_channel.passive_types
    assert read <= set(Catalogue.load(schema_directories()).touchpoints)
