"""Tales with labelled events, really told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pipeline.artifacts import Artifacts
from pipeline.backends.narrate_espeak import EspeakNarrator
from pipeline.cancelled import Cancelled
from pipeline.errors import Unserved
from pipeline.places import CHECKOUT
from pipeline.roles import Composer, Narrator
from pipeline.tables import read_table
from pipeline.telling.compose import compose, intro
from pipeline.telling.narrate import narrate
from pipeline.telling.plan import planned_from
from pipeline.telling.studio import Borrow, Studio
from pipeline.telling.write import write
from pipeline.words.event import Done, Event
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.score import Effect
from pipeline.words.sound import RATE_HZ, Artifact
from pipeline.words.timeline import Placed
from tests.pipeline.audio.making import Made

SHEET = CHECKOUT / "tests" / "bench" / "staged_tales.toml"
_SPOKEN_BY_ESPEAK = frozenset({"de"})


@dataclass(frozen=True)
class NamedEvent:
    """One thing that a reader says is heard."""

    says: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class StagedTale:
    """A short tale with what is heard to happen in it."""

    language: str
    text: str
    events: tuple[NamedEvent, ...]
    maybe: tuple[str, ...] = ()
    frame: str = ""
    fresh: bool = False


@dataclass(frozen=True)
class _Sheet:
    tales: tuple[StagedTale, ...]


@dataclass
class Score:
    """How the effects of tales stand to their labels."""

    named: int = 0
    heard: int = 0
    made: int = 0
    wrong: int = 0
    misses: list[str] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)

    def add(self, tale: StagedTale, effects: Sequence[Effect]) -> None:
        """Count one tale in: each label takes the first effect of its kind on its words."""
        left = list(effects)
        for event in tale.events:
            mine = [one for one in left if one.kind in event.kinds and _share(one.word, event.says)]
            self.heard += bool(mine)
            if mine:
                left.remove(mine[0])
            else:
                self.misses.append(f"{tale.language}: {event.says}")
        for one in left:
            if any(_share(one.word, quote) for quote in tale.maybe):
                continue
            if any(one.kind in event.kinds and _share(one.word, event.says) for event in tale.events):
                continue
            self.wrong += 1
            self.wrongs.append(f"{tale.language}: {one.kind} at {one.word}")
        self.named += len(tale.events)
        self.made += len(effects)


def sheet() -> tuple[StagedTale, ...]:
    """All labelled tales, fresh and told ones in turns, so that a shorter run meets both."""
    tales = read_table(SHEET, _Sheet).tales
    fresh, told = ([one for one in tales if one.fresh is which] for which in (True, False))
    longest = max(len(fresh), len(told))
    return tuple(row[at] for at in range(longest) for row in (fresh, told) if at < len(row))


def staged(
    tale: StagedTale, seed: int, folder: Path, narrator: Any, composer: Any, *, with_effects: bool = True
) -> Made:
    """The tale told as it is written, by real voices and the real composer."""

    @contextmanager
    def borrow(role: type[Any], **needs: Any) -> Iterator[Any]:
        if role is Composer:
            yield composer
        elif role is Narrator:
            yield EspeakNarrator() if tale.language in _SPOKEN_BY_ESPEAK else narrator
        else:
            raise Unserved("role_unserved", role=role.__name__, **needs)

    def once(_stage: str, _unit: str, _kind: Any, work: Callable[[], Any]) -> Any:
        return work()

    events: list[Event] = []
    studio = Studio(cast(Borrow, borrow), Artifacts(folder), cast(Any, once), events.append, Cancelled())
    prompt = Prompt(tale.text, seed, as_written=True, language=tale.language)
    plan = planned_from(prompt, None, Feeling(Mood.pure(Emotion.NEUTRAL)))
    intro(plan, studio)
    told = narrate(prompt, plan, write(prompt, plan, studio), studio)
    list(compose(plan, told, studio, with_effects=with_effects))
    return Made((*events, Done(Artifact("0" * 64, ".json", 0))), Artifacts(folder))


def effects_of(made: Made) -> list[Effect]:
    """All effects of a tale, in order."""
    return [one for placed in made.timeline.placed for one in placed.scored.effects]


def misplaced(placed: Placed, heard: Sequence[tuple[str, float, float]]) -> list[str]:
    """Effects that sound while their own last word is said, by somebody else's times of the words."""
    found = []
    for one in placed.scored.effects:
        start_s, end_s = one.start / RATE_HZ, (one.start + one.samples) / RATE_HZ
        word = _plain(one.word).split()[-1]
        said = [(begun, over) for text, begun, over in heard if _plain(text) == word]
        near = min(said, key=lambda span: abs(span[1] - start_s), default=None)
        # A tenth of a second is what Whisper's own word edges are off.
        if near is not None and start_s < near[1] - 0.1 and end_s > near[0] + 0.1:
            found.append(f"{one.kind} on {one.word}")
    return found


def _share(one: str, other: str) -> bool:
    return bool(set(_plain(one).split()) & set(_plain(other).split()))


def _plain(text: str) -> str:
    return re.sub(r"[^\w]+", " ", text.lower()).strip()
