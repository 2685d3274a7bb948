"""The schemas that travel with the package, and their examples."""

from functools import cache

import pytest

from pipeline.catalogue.documents import JsonObject
from pipeline.catalogue.examples import Examples, example_problems, load_examples
from pipeline.catalogue.location import schema_directories
from pipeline.catalogue.touchpoint import FAMILIES, MOMENTS, STAGES
from pipeline.events.dead_letter import DeadLetter
from pipeline.events.event import Event
from tests.unit.events.samples import NOW, catalogue, event, take


@cache
def examples() -> dict[str, Examples]:
    return dict(load_examples(schema_directories()))


RELIED_ON = {
    "web.page_viewed": "url status",
    "web.clicked": "target dead",
    "web.searched": "query results",
    "web.product_viewed": "product_id",
    "web.checkout_started": "amount currency",
    "web.form_submitted": "form accepted",
    "web.payment_failed": "amount error",
    "web.order_placed": "amount currency items promised_at",
    "web.order_approved": "promised_at",
    "web.error_occurred": "message",
    "web.page_measured": "lcp_ms inp_ms cls",
    "delivery.handed_over": "promised_at",
    "delivery.parcel_shipped": "promised_at range",
    "delivery.promise_changed": "promised_at",
    "delivery.delivered": "promised_at",
    "delivery.temperature_read": "celsius min_celsius max_celsius",
    "store.queue_left": "wait_seconds served",
    "store.item_unavailable": "product_id",
    "store.purchased": "amount currency items",
    "support.ticket_opened": "channel topic priority",
    "support.contact_abandoned": "channel wait_seconds",
    "feedback.survey_answered": "kind score",
    "feedback.review_posted": "rating",
}


def test_every_example_behaves() -> None:
    assert example_problems(catalogue(), examples()) == []


def test_there_are_types_of_every_family_stage_and_moment() -> None:
    touchpoints = catalogue().touchpoints.values()
    assert {touchpoint.family for touchpoint in touchpoints} == set(FAMILIES)
    assert {touchpoint.stage for touchpoint in touchpoints} == set(STAGES)
    assert {touchpoint.moment for touchpoint in touchpoints} == {"", *MOMENTS}


@pytest.mark.parametrize(("name", "fields"), RELIED_ON.items())
def test_fields_that_detectors_read_are_described(name: str, fields: str) -> None:
    properties = catalogue().types[name].schema["properties"]
    assert isinstance(properties, dict)
    assert set(fields.split()) <= set(properties)


@pytest.mark.parametrize("name", sorted(catalogue().types))
def test_schemas_keep_the_conventions(name: str) -> None:
    schema = catalogue().types[name].schema
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert {"identifiers", "probe"} <= set(properties)
    assert "additionalProperties" not in str(schema)
    undescribed = [field for field, prop in properties.items() if not {"description", "$ref"} & set(prop)]
    assert undescribed == []


@pytest.mark.parametrize("name", sorted(catalogue().types))
def test_examples_pass_and_fail_the_whole_intake(name: str) -> None:
    for data in examples()[name].valid:
        outcome = take(event(name, data))
        assert isinstance(outcome, Event), outcome
        assert outcome.time <= NOW
    for example in examples()[name].invalid:
        outcome = take(event(name, example.data) if example.event is None else example.event)
        assert isinstance(outcome, DeadLetter)
        place = f"data.{example.field}" if example.event is None else example.field
        assert outcome.detail.startswith(f"{place}:")


def test_data_of_a_type_that_is_not_in_the_catalogue_cannot_be_validated() -> None:
    data: JsonObject = {}
    with pytest.raises(KeyError):
        catalogue().validate("web.no_such_thing", data)
