from pipeline.adapters.metrics.once import Once


def test_a_name_is_new_once() -> None:
    once = Once()
    assert [once.is_new(name) for name in ("a", "b", "a", "a")] == [True, True, False, False]


def test_the_oldest_is_forgotten_when_it_was_not_asked_for_lately() -> None:
    once = Once(limit=2)
    for name in ("a", "b", "a", "c"):
        once.is_new(name)
    assert not once.is_new("a")
    assert once.is_new("b")
