import threading

from agents.reach import Reach


async def test_it_says_what_the_last_question_came_to() -> None:
    answers = [True, False, True]
    reach = Reach(lambda: answers.pop(0))
    assert reach.answers
    assert [await reach.look() for _ in range(3)] == [True, False, True]


async def test_a_server_that_hangs_is_asked_once() -> None:
    asked, go_on = [], threading.Event()

    def hang() -> bool:
        asked.append(1)
        return go_on.wait(60)

    reach = Reach(hang)
    assert not await reach.look(0.05)
    assert not await reach.look(0.05)
    assert len(asked) == 1
    go_on.set()
    assert await reach.look(5)
    assert reach.answers
