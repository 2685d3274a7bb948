from pipeline.identity.links import DIRECT_BYTES, Links, Observation


def test_a_link_is_known_once_it_was_added() -> None:
    links = Links()
    assert not links.knows("email:a", 10, ())
    links.add("email:a", 10, ())
    assert links.knows("email:a", 10, ())
    assert not links.knows("email:a", 20, ())
    assert not links.knows("email:b", 10, ())


def test_a_direct_link_makes_bridged_ones_of_the_same_time_superfluous() -> None:
    links = Links()
    links.add("email:a", 10, ("order_id:o",))
    links.add("email:a", 10, ())
    assert links.bridged == {}
    assert links.size == DIRECT_BYTES
    assert links.knows("email:a", 10, ("order_id:o",))


def test_of_two_ways_only_the_smaller_is_kept() -> None:
    links = Links()
    links.add("email:a", 10, ("order_id:o", "parcel_id:p"))
    links.add("email:a", 10, ("ticket_id:t",))
    links.add("email:a", 10, ("order_id:o",))
    assert links.bridged == {"email:a": {10: [("order_id:o",), ("ticket_id:t",)]}}
    assert links.knows("email:a", 10, ("order_id:o", "receipt_id:r"))
    assert not links.knows("email:a", 10, ("receipt_id:r",))


def test_dissolving_a_bridge_removes_what_came_over_it_alone() -> None:
    links = Links()
    links.add("email:a", 10, ("order_id:o",))
    links.add("email:a", 10, ("ticket_id:t",))
    links.add("email:b", 10, ("order_id:o", "parcel_id:p"))
    links.add("email:c", 10, ())
    links.dissolve("order_id:o")
    assert links.bridged == {"email:a": {10: [("ticket_id:t",)]}}
    assert links.targets() == {"email:a", "email:c"}
    assert links.knows("email:z", 99, ("order_id:o",))


def test_ways_are_the_smallest_whatever_the_time() -> None:
    links = Links()
    links.add("email:a", 10, ("order_id:o", "parcel_id:p"))
    links.add("email:a", 20, ("order_id:o",))
    links.add("email:a", 30, ("ticket_id:t",))
    assert links.ways("email:a") == [("order_id:o",), ("ticket_id:t",)]
    links.add("email:a", 40, ())
    assert links.ways("email:a") == [()]
    assert links.ways("email:unknown") == []


def test_observations_name_every_way() -> None:
    links = Links()
    links.add("email:a", 10, ())
    links.add("email:a", 20, ("order_id:o",))
    assert sorted(links.observations("email:a")) == [
        Observation("email:a", 10, ()),
        Observation("email:a", 20, ("order_id:o",)),
    ]


def test_forgetting_bridged_links_leaves_direct_ones() -> None:
    links = Links()
    links.add("email:a", 10, ())
    links.add("email:b", 20, ("order_id:o",))
    links.dissolve("ticket_id:t")
    links.forget_bridged()
    assert links.targets() == {"email:a"}
    assert links.dissolved == set()
    assert links.size == DIRECT_BYTES
