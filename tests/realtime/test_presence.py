"""Who is where through one worker: what Redis is told adds up to who is there, whatever gets lost on the way."""

from hypothesis import given
from hypothesis import strategies as st

from realtime import channels
from realtime.presence import CONFIRMED_EVERY, Crowds, Report, crowd_of

ROOM = "chat:1"


def only(reports: list[Report]) -> Report:
    [report] = reports
    return report


def settled(*people: int) -> Crowds:
    """Some people whom Redis knows."""
    crowds = Crowds()
    for one in people:
        crowds.came(ROOM, one)
    crowds.due(0.0)
    return crowds


def test_the_first_word_about_a_room_is_everybody() -> None:
    crowds = Crowds()
    crowds.came(ROOM, 1)
    crowds.came(ROOM, 2)
    assert only(crowds.due(0.0)) == Report(ROOM, [1, 2], [], 2, whole=True)


def test_two_tabs_of_a_person_are_one() -> None:
    crowds = settled(1)
    crowds.came(ROOM, 1)
    assert crowds.due(0.1) == []
    crowds.left(ROOM, 1)
    assert crowds.due(0.2) == []
    crowds.left(ROOM, 1)
    assert only(crowds.due(0.3)) == Report(ROOM, [], [1], 0, whole=False)


def test_who_comes_and_goes_between_two_beats_is_not_told_of() -> None:
    crowds = settled(1)
    crowds.came(ROOM, 2)
    crowds.left(ROOM, 2)
    crowds.left(ROOM, 1)
    crowds.came(ROOM, 1)
    assert only(crowds.due(0.1)) == Report(ROOM, [], [], 1, whole=False)


def test_a_quiet_room_is_confirmed_and_an_empty_one_forgotten() -> None:
    crowds = settled(1)
    assert crowds.due(CONFIRMED_EVERY - 0.1) == []
    assert only(crowds.due(CONFIRMED_EVERY)) == Report(ROOM, [], [], 1, whole=False)
    crowds.left(ROOM, 1)
    assert only(crowds.due(CONFIRMED_EVERY)).size == 0
    assert crowds.due(100.0) == []


def test_after_a_failure_everybody_is_told_again_even_when_nobody_is_left() -> None:
    crowds = settled(1, 2)
    crowds.failed(ROOM)
    assert only(crowds.due(CONFIRMED_EVERY)) == Report(ROOM, [1, 2], [], 2, whole=True)
    crowds.left(ROOM, 1)
    crowds.left(ROOM, 2)
    crowds.due(CONFIRMED_EVERY)
    crowds.failed(ROOM)
    assert only(crowds.due(CONFIRMED_EVERY)) == Report(ROOM, [], [], 0, whole=True)


@given(st.lists(st.one_of(st.tuples(st.integers(1, 4), st.booleans()), st.sampled_from(["tell", "lose"]))))
def test_what_was_told_adds_up_to_who_is_here(steps: list[tuple[int, bool] | str]) -> None:
    crowds, sockets, known, now = Crowds(), dict.fromkeys(range(1, 5), 0), set[int](), 0.0
    for step in [*steps, "tell"]:
        match step:
            case (int(person), True):
                crowds.came(ROOM, person)
                sockets[person] += 1
            case (int(person), _) if sockets[person]:
                crowds.left(ROOM, person)
                sockets[person] -= 1
            case "tell" | "lose":
                now += CONFIRMED_EVERY
                for report in crowds.due(now):
                    if step == "lose":
                        crowds.failed(ROOM)
                        continue
                    known = set(report.came) if report.whole else (known | set(report.came)) - set(report.left)
                    assert len(known) == report.size
    assert known == {person for person, count in sockets.items() if count}


def test_desks_and_questions_are_not_counted_and_inboxes_say_who_is_online() -> None:
    assert crowd_of("chat:12") == "chat:12"
    assert crowd_of("announcements:3") == "announcements:3"
    assert crowd_of("chat:12:desk") is None
    assert crowd_of("questions:12") is None
    assert crowd_of("passes:1") is None
    assert crowd_of("inbox:17") == crowd_of("inbox:1") == channels.online(1)
