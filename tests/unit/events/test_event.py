from pipeline.events.event import Event


def key(source: str, event_id: str, address: str) -> bytes:
    return Event(source, event_id, "web.clicked", 0, 0, (address, "order_id:o"), "web", False, 0, b"{}").key


def test_a_key_is_the_same_in_every_release() -> None:
    assert key("/shop/é", "1", "email:a").hex() == "0dcfc5f08d88c525beec9bd956ea4433"


def test_a_key_depends_on_where_source_id_and_address_part() -> None:
    assert len({key("/s", "12", "e:a"), key("/s1", "2", "e:a"), key("/s", "1", "2e:a")}) == 3
