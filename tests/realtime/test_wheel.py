"""The wheel looks at everything when it is due: not before, not twice, and not at what was dropped."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.wheel import SPOKES, Wheel


class One:
    """Something on the wheel."""

    def __init__(self) -> None:
        self.due = 0
        self.wanted: int | None = None  # second at which it is to be looked at; None: never


moves = st.lists(
    st.tuples(st.sampled_from(["put", "drop", "turn"]), st.integers(0, 4), st.integers(1, SPOKES - 1)), max_size=60
)


@given(moves)
def test_everything_comes_when_it_is_due(moves: list[tuple[str, int, int]]) -> None:
    wheel: Wheel[One] = Wheel(1000)
    crowd = [One() for _ in range(5)]
    for verb, who, seconds in moves:
        one = crowd[who]
        if verb == "put":
            wheel.put(one, within=seconds)
            one.wanted = wheel.now + seconds
        elif verb == "drop":
            wheel.drop(one)
            one.wanted = None
        else:
            now = wheel.now + seconds % 20
            came = list(wheel.turn(now))
            assert len(came) == len(set(came))
            assert set(came) == {one for one in crowd if one.wanted is not None and one.wanted <= now}
            for one in came:
                one.wanted = None


def test_what_is_put_back_while_the_wheel_turns_comes_again_later() -> None:
    wheel: Wheel[One] = Wheel(0)
    one = One()
    wheel.put(one, within=1)
    seen = []
    for _ in wheel.turn(10):
        seen.append(wheel.now)
        wheel.put(one, within=3)
    assert seen == [1, 4, 7, 10]


def test_what_is_dropped_while_others_are_looked_at_does_not_come() -> None:
    wheel: Wheel[One] = Wheel(0)
    crowd = [One(), One()]
    for one in crowd:
        wheel.put(one, within=1)
    came = []
    for one in wheel.turn(1):
        came.append(one)
        for other in crowd:
            wheel.drop(other)
    assert len(came) == 1


def test_a_time_beyond_the_wheel_comes_early_rather_than_never() -> None:
    wheel: Wheel[One] = Wheel(0)
    one = One()
    wheel.put(one, within=10 * SPOKES)
    assert list(wheel.turn(SPOKES)) == [one]
