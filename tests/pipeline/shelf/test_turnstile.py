"""Who gets the device next."""

from __future__ import annotations

import threading
import time

import pytest

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled
from pipeline.shelf.turnstile import FORBEARANCE_S, LIVE, SHORT, UPLOAD, Errand, Turnstile


class Queue:
    """Waiters lined up behind a holder, then let through one by one."""

    def __init__(self, turnstile: Turnstile) -> None:
        self.turnstile = turnstile
        self.order: list[str] = []
        self.threads: list[threading.Thread] = []

    def line_up(self, name: str, model: str, errand: Errand) -> None:
        def wait() -> None:
            with self.turnstile.passing(model, errand, Cancelled()):
                self.order.append(name)

        before = len(self.turnstile._waiting)
        thread = threading.Thread(target=wait)
        thread.start()
        self.threads.append(thread)
        while len(self.turnstile._waiting) == before:
            time.sleep(0.001)

    def join(self) -> list[str]:
        for thread in self.threads:
            thread.join(timeout=10)
        return self.order


def test_a_listener_who_would_fall_silent_first_goes_first() -> None:
    turnstile = Turnstile(clock=lambda: 0.0)
    queue = Queue(turnstile)
    with turnstile.passing("voice", Errand(), Cancelled()):
        queue.line_up("upload", "voice", Errand(UPLOAD))
        queue.line_up("later", "voice", Errand(LIVE, silent_at_s=10))
        queue.line_up("short", "ear", Errand(SHORT))
        queue.line_up("sooner", "voice", Errand(LIVE, silent_at_s=5))
    assert queue.join() == ["sooner", "later", "short", "upload"]


def test_a_listener_with_much_to_hear_lets_a_short_job_go_first_but_a_first_word_does_not_wait() -> None:
    turnstile = Turnstile(clock=lambda: 0.0)
    queue = Queue(turnstile)
    with turnstile.passing("voice", Errand(), Cancelled()):
        queue.line_up("at ease", "voice", Errand(LIVE, silent_at_s=40))
        queue.line_up("upload", "voice", Errand(UPLOAD))
        queue.line_up("short", "ear", Errand(SHORT))
        queue.line_up("first word", "voice", Errand(LIVE, first_sound=True))
    assert queue.join() == ["first word", "short", "at ease", "upload"]


def test_a_short_job_that_borrows_again_goes_on_being_patient_from_its_beginning() -> None:
    turnstile = Turnstile(patience_s=8.0, clock=lambda: 100.0)
    queue = Queue(turnstile)
    with turnstile.passing("voice", Errand(), Cancelled()):
        queue.line_up("first word", "voice", Errand(LIVE, first_sound=True))
        queue.line_up("again", "ear", Errand(SHORT, since_s=94.0))
    assert queue.join() == ["again", "first word"]


def test_a_model_at_hand_serves_a_bounded_row_before_a_swap() -> None:
    turnstile = Turnstile(in_a_row=3)
    queue = Queue(turnstile)
    with turnstile.passing("voice", Errand(), Cancelled()):
        queue.line_up("swap", "writer", Errand())
        for number in range(4):
            queue.line_up(f"same{number}", "voice", Errand())
    assert queue.join() == ["same0", "same1", "swap", "same2", "same3"]


def test_whom_a_model_serves_it_serves_to_the_end_of_their_stage() -> None:
    turnstile = Turnstile(in_a_row=2)
    queue = Queue(turnstile)
    with turnstile.passing("voice", Errand(tale="a"), Cancelled()):
        queue.line_up("swap", "writer", Errand(tale="d"))
        queue.line_up("b", "voice", Errand(tale="b"))
        queue.line_up("c", "voice", Errand(tale="c"))
        queue.line_up("a again", "voice", Errand(tale="a"))
    assert queue.join() == ["b", "a again", "swap", "c"]


def test_before_a_swap_a_tale_between_two_passages_is_waited_for() -> None:
    turnstile = Turnstile()
    queue = Queue(turnstile)
    with turnstile.passing("voice", Errand(tale="a"), Cancelled()):
        queue.line_up("swap", "writer", Errand(tale="b"))
    with turnstile.passing("voice", Errand(tale="a"), Cancelled()):
        assert queue.order == []
    assert queue.join() == ["swap"]


def test_servers_take_turns() -> None:
    turnstile = Turnstile()
    queue = Queue(turnstile)
    with turnstile.passing("voice", Errand(server="busy"), Cancelled()):
        queue.line_up("busy2", "voice", Errand(server="busy"))
        queue.line_up("busy3", "voice", Errand(server="busy"))
        queue.line_up("calm", "voice", Errand(server="calm"))
    assert queue.join()[0] == "calm"


def test_a_short_job_overdue_comes_before_all_but_who_would_fall_silent() -> None:
    now = [0.0]
    turnstile = Turnstile(patience_s=8.0, clock=lambda: now[0])
    queue = Queue(turnstile)
    with turnstile.passing("voice", Errand(), Cancelled()):
        queue.line_up("short", "ear", Errand(SHORT))
        now[0] = 5.0
        queue.line_up("listened to", "voice", Errand(LIVE, silent_at_s=6))
        queue.line_up("first word", "voice", Errand(LIVE, first_sound=True))
        queue.line_up("straight", "voice", Errand(LIVE, silent_at_s=0.0, first_sound=True))
    assert queue.join() == ["listened to", "short", "straight", "first word"]


@pytest.mark.parametrize("side_by_side", [False, True])
def test_between_two_passages_of_a_tale_that_plays_no_short_job_slips_in_but_one_that_waited_a_minute(
    side_by_side: bool,
) -> None:
    now = [0.0]
    turnstile = Turnstile(clock=lambda: now[0], side_by_side=side_by_side)
    queue, listened = Queue(turnstile), Errand(LIVE, silent_at_s=5, tale="played")
    with turnstile.passing("voice", listened, Cancelled()):
        queue.line_up("short", "ear", Errand(SHORT))
    with turnstile.passing("voice", listened, Cancelled()):
        assert queue.order == []
        now[0] = FORBEARANCE_S + 1
    queue.threads[0].join(timeout=10)
    with turnstile.passing("voice", listened, Cancelled()):
        assert queue.order == ["short"]


def test_a_tale_that_plays_never_falls_silent_however_many_ask_why() -> None:
    """Time goes by only while somebody holds the device: a passage costs half of what it lasts, a why two seconds."""
    now, silent_at, dry, whys = [0.0], [0.0], [0], [0]
    turnstile, over = Turnstile(clock=lambda: now[0]), threading.Event()

    def ask() -> None:
        while not over.is_set():
            with turnstile.passing("reader", Errand(SHORT, since_s=now[0]), Cancelled()):
                now[0] += 2.0
                whys[0] += 1

    askers = [threading.Thread(target=ask) for _ in range(3)]
    with turnstile.passing("voice", Errand(LIVE, first_sound=True, tale="played"), Cancelled()):
        silent_at[0] = now[0] + 8.0
        for thread in askers:
            thread.start()
    for _ in range(60):
        with turnstile.passing("voice", Errand(LIVE, silent_at[0], tale="played"), Cancelled()):
            now[0] += 4.0
            dry[0] += now[0] > silent_at[0]
            silent_at[0] = max(silent_at[0], now[0]) + 8.0
    over.set()
    for thread in askers:
        thread.join(timeout=10)
    assert dry[0] == 0
    assert whys[0] > 60, "and who asks why is answered meanwhile"


def test_a_thread_inside_walks_through_again() -> None:
    turnstile = Turnstile()
    with turnstile.passing("a", Errand(), Cancelled()), turnstile.passing("b", Errand(), Cancelled()):
        pass
    with turnstile.passing("a", Errand(), Cancelled()):
        pass


def test_who_is_cancelled_outside_leaves_the_line() -> None:
    turnstile = Turnstile()
    cancelled = Cancelled()
    failed: list[BaseException] = []

    def wait() -> None:
        try:
            with turnstile.passing("a", Errand(), cancelled):
                pass
        except TaleCancelled as error:
            failed.append(error)

    with turnstile.passing("a", Errand(), Cancelled()):
        thread = threading.Thread(target=wait)
        thread.start()
        while not turnstile._waiting:
            time.sleep(0.001)
        cancelled.set()
        thread.join(timeout=5)
        assert failed
        assert not turnstile._waiting
    with turnstile.passing("a", Errand(), Cancelled()):
        pass


@pytest.mark.parametrize("workers", [8])
def test_never_two_inside(workers: int) -> None:
    turnstile = Turnstile()
    inside = [0]
    most = [0]

    def work(number: int) -> None:
        for _ in range(20):
            with turnstile.passing(f"m{number % 3}", Errand(number % 3), Cancelled()):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.0002)
                inside[0] -= 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert most[0] == 1


def walks_in(turnstile: Turnstile, errand: Errand) -> bool:
    """Whether another thread of this errand gets in at once."""
    inside = threading.Event()

    def walk() -> None:
        with turnstile.passing("b", errand, Cancelled()):
            inside.set()

    thread = threading.Thread(target=walk)
    thread.start()
    entered = inside.wait(0.2)
    turnstile._test_thread = thread  # type: ignore[attr-defined] # joined by whoever holds the device
    return entered


@pytest.mark.parametrize(
    ("side_by_side", "tale", "enters"), [(True, "t", True), (False, "t", False), (True, "u", False)]
)
def test_threads_of_one_tale_stand_side_by_side_where_its_models_fit(
    side_by_side: bool, tale: str, enters: bool
) -> None:
    turnstile = Turnstile(side_by_side=side_by_side)
    with turnstile.passing("a", Errand(tale="t"), Cancelled()):
        assert walks_in(turnstile, Errand(tale=tale)) is enters
    turnstile._test_thread.join(5)  # type: ignore[attr-defined] # set by walks_in


def test_a_tales_second_thread_does_not_pass_by_those_who_wait() -> None:
    turnstile = Turnstile(side_by_side=True)
    queue = Queue(turnstile)
    with turnstile.passing("a", Errand(UPLOAD, tale="t"), Cancelled()):
        queue.line_up("short", "ear", Errand(SHORT, tale="other"))
        assert not walks_in(turnstile, Errand(UPLOAD, tale="t"))
        with turnstile.passing("b", Errand(UPLOAD, tale="t"), Cancelled()):
            assert queue.order == [], "the same thread may nest all the same"
    turnstile._test_thread.join(5)  # type: ignore[attr-defined] # set by walks_in
    assert queue.join() == ["short"]


def test_the_device_stays_free_for_one_that_goes_straight_through_but_not_from_who_hurries() -> None:
    turnstile = Turnstile()
    queue = Queue(turnstile)
    straight = Errand(silent_at_s=0.0, tale="first")
    with turnstile.passing("a", straight, Cancelled()):
        queue.line_up("another", "a", Errand(tale="another"))
    queue.line_up("a third", "a", Errand(tale="third"))
    with turnstile.passing("b", straight, Cancelled()):
        assert queue.order == []
        queue.line_up("errand", "c", Errand(SHORT))
    assert queue.join() == ["errand", "another", "a third"]


def test_who_waits_gets_in_when_the_one_that_went_straight_through_does_not_come_back() -> None:
    turnstile = Turnstile()
    queue = Queue(turnstile)
    with turnstile.passing("a", Errand(silent_at_s=0.0, tale="first"), Cancelled()):
        queue.line_up("another", "a", Errand(tale="another"))
    assert queue.join() == ["another"]
