"""Who may send."""

import base64

import pytest

from agents.collector.write_keys import WriteKeys, shown_key
from pipeline.settings.secret import Secret


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "key"),
    [
        (basic("key:"), "key"),
        (basic("key"), "key"),
        (basic("key:password:more"), "key"),
        ("bearer  key ", "key"),
        ("Bearer key", "key"),
        ("Basic !!!", ""),
        ("Basic /w==", ""),
        ("Digest key", ""),
        ("key", ""),
        ("", ""),
    ],
)
def test_the_key_in_a_header(header: str, key: str) -> None:
    assert shown_key(header) == key


def test_keys_have_names() -> None:
    keys = WriteKeys({"shop": Secret("k-1"), "app": Secret("k-2")})
    assert keys.required
    assert (keys.name_of("k-1"), keys.name_of("k-2")) == ("shop", "app")
    assert [keys.name_of(shown) for shown in ("", "k", "k-11", "K-1", "schlüssel", "\udce9")] == [None] * 6


def test_a_key_that_is_empty_lets_nobody_in() -> None:
    keys = WriteKeys({"shop": Secret("")})
    assert keys.required
    assert keys.name_of("") is None


def test_without_keys_none_is_needed() -> None:
    assert not WriteKeys({}).required
