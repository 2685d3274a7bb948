"""The collector's settings."""

import pytest

from pipeline.settings.effective import effective_values
from pipeline.settings.errors import SettingsError
from pipeline.settings.layers import environment_layer, file_layer
from pipeline.settings.load import load

KEY = "a-write-key-of-ours"


def test_write_keys_have_names_and_are_never_shown() -> None:
    content = f'[collector.write_keys]\nshop = "{KEY}"\n'
    loaded = load(
        [file_layer("t.toml", content), environment_layer({"TOUCHLINE_COLLECTOR__WRITE_KEYS__APP": KEY + "-2"})]
    )
    keys = loaded.settings.collector.write_keys
    assert {name: key.value for name, key in keys.items()} == {"shop": KEY, "app": KEY + "-2"}
    assert KEY not in f"{effective_values(loaded)} {keys}"


def test_names_of_segment_are_taken_as_they_are_written_anywhere() -> None:
    content = '[collector.segment_types]\n"Viewed Product" = "web.product_viewed"\n'
    variables = {"TOUCHLINE_COLLECTOR__SEGMENT_TYPES__CLICKED_PRODUCT": "web.clicked"}
    collector = load([file_layer("t.toml", content), environment_layer(variables)]).settings.collector
    assert collector.types_by_name == {"viewed_product": "web.product_viewed", "clicked_product": "web.clicked"}


def test_origins_are_a_list() -> None:
    variables = {"TOUCHLINE_COLLECTOR__ORIGINS": "https://shop.example, https://app.example"}
    collector = load([environment_layer(variables)]).settings.collector
    assert collector.origins == ("https://shop.example", "https://app.example")


@pytest.mark.parametrize("origin", ["*", "http://localhost:3000", "HTTPS://Shop.Example/", "capacitor://localhost"])
def test_what_browsers_say_of_sites_is_taken(origin: str) -> None:
    assert load([environment_layer({"TOUCHLINE_COLLECTOR__ORIGINS": origin})]).settings.collector.origins == (origin,)


@pytest.mark.parametrize(
    "origin", ["shop.example", "https://shop.example/basket", "https://", "https://*.shop.example"]
)
def test_a_site_that_no_browser_ever_names_is_refused(origin: str) -> None:
    with pytest.raises(SettingsError, match="is no site"):
        load([file_layer("t.toml", f'[collector]\norigins = ["https://app.example", "{origin}"]\n')])


@pytest.mark.parametrize(("event_type", "said"), [("page_viewed", "must be one of web,"), ("", "is missing")])
def test_an_event_type_that_no_topic_takes_is_refused(event_type: str, said: str) -> None:
    content = f'[collector.segment_types]\n"Viewed Page" = "{event_type}"\n'
    with pytest.raises(SettingsError, match=f"collector.segment_types: 'Viewed Page': .*{said}"):
        load([file_layer("t.toml", content)])
