from pipeline.events.event import event_key


def test_a_key_is_the_same_in_every_release() -> None:
    assert event_key("/shop/é", "1", "email:a").hex() == "0dcfc5f08d88c525beec9bd956ea4433"


def test_a_key_depends_on_where_source_id_and_address_part() -> None:
    keys = {event_key("/s", "12", "e:a"), event_key("/s1", "2", "e:a"), event_key("/s", "1", "2e:a")}
    assert len(keys) == 3
