"""How much work a stopped backend still does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from pipeline.cancelled import Cancelled
from pipeline.cli.here import Here
from pipeline.errors import TaleCancelled
from pipeline.roles import Ask, Composer, Delivery, Kind, Narrator, TextReader, Transcriber, Turn, VoiceReader, Writer
from pipeline.words.sound import RATE_HZ, Recording, Samples
from tests.pipeline.music.tales import random_tale

LONG = "The keeper climbed the old stairs, lit the great lamp, and listened to the sea until the morning came. "
AT_SHARE = 0.3
"""Of the whole work, when somebody asks to stop."""
_LOOK_S = 0.005


@dataclass(frozen=True)
class Braked:
    """One backend, stopped in the middle of one long call."""

    whole: float
    """Seconds of processor time the call takes when nobody stops it."""
    after: float
    """Seconds of processor time from the asking to the end."""
    after_s: float
    """The same by the wall clock."""
    stopped: bool
    """Whether it ended by TaleCancelled, and not because it was done."""


def brakes(here: Here) -> Iterator[tuple[str, Braked]]:
    """By role, what the profile's backend does, one after the other."""
    speech = _speech(here)
    for role, work in _LONG_CALLS.items():
        with here.shelf.borrow(role, Cancelled(), language="en") as backend:
            yield role.__name__, _braked(partial(work, backend, speech))


def _braked(call: Callable[[Cancelled], object]) -> Braked:
    call(Cancelled())  # what is made once is made now
    since = time.process_time()
    call(Cancelled())
    whole = time.process_time() - since
    check, asked = Cancelled(), list[tuple[float, float]]()
    thread = threading.Thread(target=_stop_at, args=(check, time.process_time() + AT_SHARE * whole, asked))
    thread.start()
    stopped = _is_stopped(call, check)
    ended, ended_s = time.process_time(), time.monotonic()
    thread.join()
    return Braked(whole, max(0.0, ended - asked[0][0]), max(0.0, ended_s - asked[0][1]), stopped)


def _is_stopped(call: Callable[[Cancelled], object], check: Cancelled) -> bool:
    try:
        call(check)
    except TaleCancelled:
        return True
    return False


def _stop_at(check: Cancelled, processor_s: float, asked: list[tuple[float, float]]) -> None:
    while time.process_time() < processor_s:
        time.sleep(_LOOK_S)
    asked.append((time.process_time(), time.monotonic()))
    check.set()


def _speech(here: Here) -> Samples:
    delivery = Delivery("bm_fable", "en")
    with here.shelf.borrow(Narrator, Cancelled(), language="en") as narrator:
        once = np.concatenate([one.samples for one in narrator.speak(LONG, delivery, Cancelled())])
    return np.tile(once, 8)


def _transcribe(backend: Any, speech: Samples, check: Cancelled) -> None:
    backend.transcribe(_said_anew(speech), "en", check)


def _read_voice(backend: Any, speech: Samples, check: Cancelled) -> None:
    backend.read(_said_anew(speech), check)


def _said_anew(speech: Samples) -> Recording:
    """Who reads a voice remembers the last recording: read once more it would cost nothing, and could not be braked."""
    return Recording(np.roll(speech, time.monotonic_ns() % len(speech)), RATE_HZ)


def _read_text(backend: Any, _speech: Samples, check: Cancelled) -> None:
    backend.read([f"{number} {LONG * 3}" for number in range(24)], "en", check)


def _write(backend: Any, _speech: Samples, check: Cancelled) -> None:
    backend.settle("You tell stories.")
    turn = Turn("You tell stories.", f"{time.monotonic()} {LONG * 12}", "Once upon a time")
    list(backend.complete(turn, Ask(Kind.FREE, seed=1, max_tokens=120), check))


def _speak(backend: Any, _speech: Samples, check: Cancelled) -> None:
    for _ in backend.speak(LONG * 2, Delivery("bm_fable", "en"), check):
        pass


def _compose(backend: Any, _speech: Samples, check: Cancelled) -> None:
    plan, passages = random_tale(4, scenes=3)
    _, carry = backend.intro(plan, 3.0, check)
    for one in passages:
        _, carry = backend.compose(plan, one.passage, one.lines, one.samples, carry, one.last, check)


_LONG_CALLS: dict[type[Any], Callable[[Any, Samples, Cancelled], None]] = {
    Transcriber: _transcribe,
    VoiceReader: _read_voice,
    TextReader: _read_text,
    Writer: _write,
    Narrator: _speak,
    Composer: _compose,
}
