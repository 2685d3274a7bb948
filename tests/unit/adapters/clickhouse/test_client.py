"""Addresses of ClickHouse servers."""

import pytest

from pipeline.adapters.clickhouse.client import Address, connect
from pipeline.stitching.store import StoreUnavailableError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost", Address("http", "localhost", 8123, "default", "", "touchline")),
        ("https://ch.example", Address("https", "ch.example", 8443, "default", "", "touchline")),
        ("http://default:@127.0.0.1:81/other", Address("http", "127.0.0.1", 81, "default", "", "other")),
        (
            "https://ch.example/db?ca_file=/etc/ca.pem",
            Address("https", "ch.example", 8443, "default", "", "db", "/etc/ca.pem"),
        ),
        ("http://a%40b:p%3A%2F@[::1]:9/", Address("http", "::1", 9, "a@b", "p:/", "touchline")),
    ],
)
def test_an_address_says_where_and_as_whom(url: str, expected: Address) -> None:
    assert Address.parse(url) == expected


def test_only_what_goes_over_a_network_is_compressed() -> None:
    assert Address.parse("http://clickhouse.example").remote
    assert not any(Address.parse(f"http://{host}:1").remote for host in ("127.0.0.1", "localhost", "[::1]"))


@pytest.mark.parametrize("url", ["", "localhost:8123", "tcp://localhost:9000", "http://", "http://host:port"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"ClickHouse address|Port could not be cast"):
        Address.parse(url)


def test_a_password_is_not_repeated_in_what_is_said_about_an_address() -> None:
    with pytest.raises(ValueError, match=r"tcp://user:\*\*\*@host"):
        Address.parse("tcp://user:hidden@host")


def test_what_an_address_does_not_take_is_refused() -> None:
    with pytest.raises(ValueError, match="not verify"):
        Address.parse("https://host/db?verify=no")


def test_a_server_that_is_not_there_is_an_outage() -> None:
    with pytest.raises(StoreUnavailableError):
        connect("http://127.0.0.1:9")


def test_a_file_of_authorities_that_is_not_there_is_no_outage() -> None:
    with pytest.raises(ValueError, match=r"ca_file: nowhere\.pem cannot be read: No such file"):
        connect("https://127.0.0.1:9?ca_file=nowhere.pem")
