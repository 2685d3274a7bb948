"""Effective values as text: complete, readable again, and without secrets."""

import tomllib

from pipeline.settings.effective import effective_values, mask_password
from pipeline.settings.layers import environment_layer, file_layer
from pipeline.settings.load import load

SECRET = "a-very-secret-key-of-ours"


def test_secrets_are_masked_everywhere() -> None:
    url = f"http://user:{SECRET}@host:8123/touchline"
    loaded = load([environment_layer({"TOUCHLINE_SECRET": SECRET, "TOUCHLINE_CLICKHOUSE": url})])
    shown = f"{effective_values(loaded)} {loaded.settings.secret} {loaded.settings.secret!r}"
    assert SECRET not in shown
    assert loaded.settings.secret.value == SECRET


def test_origins() -> None:
    loaded = load([file_layer("t.toml", "workers = 2"), environment_layer({"TOUCHLINE_WEB_PORT": "7000"})])
    origins = {value.name: value.origin for value in effective_values(loaded)}
    assert (origins["workers"], origins["web_port"], origins["group"]) == (
        "t.toml line 1",
        "TOUCHLINE_WEB_PORT",
        "default",
    )


def test_what_is_shown_can_be_read_again() -> None:
    content = '[journeys]\njourney_gap = "3d"\n[identity.namespaces.member]\nkind = "person"\nrank = 85\n'
    loaded = load([file_layer("t.toml", content)])
    written = "\n".join(f"{v.name} = {v.value}" for v in effective_values(loaded) if v.name != "secret")
    assert tomllib.loads(written)["journeys"]["journey_gap"] == "3d"
    assert load([file_layer("again.toml", written)]).settings == loaded.settings


def test_passwords_in_addresses() -> None:
    assert mask_password("http://user:pass@host/x") == "http://user:***@host/x"
    assert mask_password("http://host:8123/x") == "http://host:8123/x"
