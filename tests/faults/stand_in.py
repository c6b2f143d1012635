"""A line of real steps and no models."""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.depot import Depot
from pipeline.executor import ExecutorOptions, serve
from pipeline.shelf.turnstile import Errand
from pipeline.telling.studio import Studio
from pipeline.words.event import Narrated, Written
from pipeline.words.mood import Emotion, Mood
from pipeline.words.request import Request, Tell
from pipeline.words.sound import Artifact, Spoken
from pipeline.words.story import Passage
from tests.faults.traps import set_trap

R = TypeVar("R")
CALM = Mood.of({Emotion.JOY: 1.0}, 1.0, 0.5)


@dataclass(frozen=True)
class Made:
    """What a step returns."""

    text: str
    sound: Artifact


class NoModels:
    """Lends nothing."""

    def borrow(
        self, role: type[R], check: Cancelled, errand: Errand | None = None, **needs: Any
    ) -> AbstractContextManager[R]:
        """Nobody asks."""
        return nullcontext(role())

    def evict_all(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class StandIn:
    """Passages of a seed, each a durable step with an artifact, then two events; every run of a step leaves a mark."""

    marks: Path
    passages: int = 4
    step_s: float = 0.05
    deadly: str = ""
    """A tale whose writing crashes the process, as native code does."""
    keeps_first: bool = False
    """A step keeps something long before it ends, as a narrator does line by line."""
    held: str = ""
    """A step that works until a file `go` lies beside the marks."""
    lender: NoModels = field(default_factory=NoModels)

    def make(self, request: Request, studio: Studio) -> Artifact:
        """One tale."""
        if not isinstance(request, Tell):
            return studio.once("errand", "0", Made, lambda: self._made("errand", request.kind, studio)).sound
        prompt = request.prompt
        told = [self._passage(prompt.text, prompt.seed, index, studio) for index in range(self.passages)]
        whole = studio.once("mix", "0", Made, lambda: self._made("whole", "".join(one.text for one in told), studio))
        return whole.sound

    def _passage(self, name: str, seed: int, index: int, studio: Studio) -> Made:
        def once(stage: str, words: str) -> Made:
            return studio.once(stage, str(index), Made, lambda: self._made(f"{name}:{stage}:{index}", words, studio))

        wrote = once("write", f"{seed}-{index}")
        studio.say(Written(Passage(0, index, wrote.text, (), CALM)))
        spoke = once("narrate", wrote.text)
        studio.say(Narrated(Spoken(0, index, spoke.sound, 48_000, ())))
        return spoke

    def _made(self, step: str, seed: str, studio: Studio) -> Made:
        if self.deadly and step == f"{self.deadly}:write:0":
            time.sleep(0.7)  # those beside it are under way by now
            os.abort()
        if self.keeps_first:
            studio.keep(f"half of {step} {random.random()}".encode(), ".txt")
        until_s, gate = time.monotonic() + self.step_s, self.marks / "go"
        while time.monotonic() < until_s or (step == self.held and not gate.exists()):
            studio.check()
            time.sleep(0.005)
        # A kill between two runs must show if anything published depended on the run: the text differs each time.
        text = f"{seed} {random.random()}" if step != "whole" else hashlib.sha256(seed.encode()).hexdigest()
        sound = studio.keep(text.encode(), ".txt")
        with (self.marks / "done").open("a") as file:
            file.write(json.dumps([step, time.time() * 1000]) + "\n")
        return Made(text, sound)


def main(argv: list[str]) -> int:
    """An executor process with the stand-in workshop."""
    told: dict[str, Any] = json.loads(argv[0])
    marks = Path(told.pop("marks"))
    own = ("passages", "step_s", "deadly", "keeps_first", "held")
    work = StandIn(marks, **{name: told.pop(name) for name in own if name in told})
    folder, depot = Path(told.pop("artifacts")), _depot(told.pop("depot", ""), patient=told.pop("patient", True))
    if trap := told.pop("trap", None):
        set_trap(*trap)
    if jump := told.pop("clock_jump", None):
        threading.Timer(jump[0], _jump, [jump[1]]).start()
    return serve(ExecutorOptions(**told | {"state": Path(told["state"])}), work, Artifacts(folder, depot))


def _depot(url: str, *, patient: bool) -> Depot | None:
    if not url:
        return None
    return Depot(url) if patient else Depot(url, lambda _seconds: None)


def _jump(seconds: float) -> None:
    """The wall clock, and nothing else, is another from now on."""
    real = time.time
    time.time = lambda: real() + seconds
    print("clock_jumped", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
