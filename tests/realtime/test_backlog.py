"""What waits for slow sockets: who is cut when it is too much, and when its memory may be given back."""

from realtime.backlog import MANY, Backlog


class Slow:
    """A socket with bytes unsent."""

    def __init__(self, unsent: int) -> None:
        self.unsent = unsent
        self.code = 0

    def cut(self, code: int, reason: str) -> None:
        self.code, self.unsent = code, 0


def test_the_biggest_are_cut_first_and_no_more_than_need_be() -> None:
    backlog: Backlog[Slow] = Backlog(100)
    small, big, middle = Slow(10), Slow(80), Slow(40)
    for one in (small, big, middle):
        backlog.add(one)
    backlog.weigh()
    assert (big.code > 0, middle.code, small.code) == (True, 0, 0)


def test_memory_is_given_back_once_after_many_were_slow_and_none_is() -> None:
    backlog: Backlog[Slow] = Backlog(10**9)
    crowd = [Slow(1) for _ in range(MANY)]
    for one in crowd:
        backlog.add(one)
    assert not backlog.has_emptied()  # they still are
    for one in crowd:
        one.unsent = 0
    assert backlog.has_emptied()
    assert not backlog.has_emptied()


def test_a_few_slow_ones_are_not_worth_it() -> None:
    backlog: Backlog[Slow] = Backlog(10**9)
    backlog.add(Slow(0))
    assert not backlog.has_emptied()
