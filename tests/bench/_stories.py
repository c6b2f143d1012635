"""Wishes told for the bench."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

from pipeline.backends.write_gguf import GgufWriter
from pipeline.cancelled import Cancelled
from pipeline.errors import Unserved
from pipeline.places import CHECKOUT
from pipeline.roles import Ask, Embedder, Kind, Turn, Writer
from pipeline.tables import read_table
from pipeline.telling.plan import plan
from pipeline.telling.studio import Studio, remembered
from pipeline.telling.write import steps
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Lately, Prompt
from pipeline.words.story import Plan
from pipeline.writing.language import detect
from pipeline.writing.read_wish import system

PROMPTS = CHECKOUT / "tests" / "bench" / "writing_prompts.toml"
CHECK = Cancelled()
NOTHING_LATELY = Lately()


@dataclass(frozen=True)
class Wanted:
    """One wish, with what a reader should find in it where somebody wrote that down."""

    language: str
    text: str
    hero: tuple[str, ...] = ()
    deed: str = ""
    how: str = ""


@dataclass(frozen=True)
class Told:
    """One tale as it came out; what another version told is read back from its file."""

    wish: str
    language: str
    text: str
    scenes: tuple[str, ...]
    hero: str = ""
    frame: str = ""
    recipe: str = ""
    fit: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    """(speaker, words) of all that is spoken."""
    read: dict[str, str] | None = None
    read_tokens: int = 0
    own_words: int = 0
    """Of the writer's own."""
    faults: tuple[str, ...] = ()
    """Of drafts that were not told."""
    reins: str = "tight"
    first_s: float = 0.0
    wall_s: float = 0.0
    cpu_s: float = 0.0


@dataclass(frozen=True)
class _File:
    prompts: tuple[Wanted, ...]
    ask: dict[str, str]
    """By language: how the plain ways ask for a story; with {prompt} and {words}."""


def fixed() -> tuple[Wanted, ...]:
    """The fixed wishes, languages in turn, so that a shorter run still meets all of them."""
    told = read_table(PROMPTS, _File).prompts
    languages = list(dict.fromkeys(one.language for one in told))
    by_language = [[one for one in told if one.language == language] for language in languages]
    longest = max(map(len, by_language))
    return tuple(row[at] for at in range(longest) for row in by_language if at < len(row))


def wishes_in(file: Path) -> tuple[Wanted, ...]:
    """One wish a line; the language before a tab where it is told: `pt<TAB>um dragão com medo de vela`.

    Behind it, where somebody wrote that down: hero, deed, and how it should be told.
    """
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return tuple(_wanted(row) if len(row) > 1 else Wanted(detect(row[0]), row[0]) for row in rows)


def _wanted(row: Sequence[str]) -> Wanted:
    language, text, hero, deed, how = [*row, "", "", ""][:5]
    return Wanted(language, text, (hero,) if hero else (), deed, how)


class Teller:
    """The product's own way, models in hand."""

    def __init__(self, writer: GgufWriter | None, embedder: Embedder | None, reins: str = "tight") -> None:
        self.writer, self._embedder, self._reins = writer, embedder, reins
        self.tokens = 0
        if writer:
            writer.settle(system())  # warm, as after any tale

    def tell(self, wanted: Wanted, seed: int, words: int, lately: Lately = NOTHING_LATELY) -> Told:
        """Wish read, frame chosen, tale filled."""
        self.tokens = 0
        prompt = Prompt(wanted.text, seed, words, wanted.language, lately=lately)
        began, spent = time.perf_counter(), time.process_time()
        planned = plan(prompt, None, Feeling(Mood.pure(Emotion.NEUTRAL)), self.studio())
        read_tokens, first_s, passages = self.tokens, 0.0, []
        own, faults = 0, list[str]()
        for step in steps(prompt, planned, self.studio()):
            first_s = first_s or time.perf_counter() - began
            passages.append(step.passage)
            own, faults = own + step.own_words, [*faults, *step.faults]
        wall_s, cpu_s = time.perf_counter() - began, time.process_time() - spent
        told = _told(wanted, planned, passages)
        told = replace(told, read_tokens=read_tokens, first_s=first_s, wall_s=wall_s, cpu_s=cpu_s)
        return replace(told, own_words=own, faults=tuple(faults), reins=planned.reins)

    def first_word_s(self, wanted: Wanted, seed: int, words: int, reins: str) -> float:
        """Seconds until its first sentence could be spoken, under these reins."""
        prompt, self._reins = Prompt(wanted.text, seed, words, wanted.language), reins
        began = time.perf_counter()
        planned = plan(prompt, None, Feeling(Mood.pure(Emotion.NEUTRAL)), self.studio())
        walk = steps(prompt, planned, self.studio())
        next(walk)
        took_s = time.perf_counter() - began
        cast(Any, walk).close()  # what was begun aside is halted
        return took_s

    def planned(self, prompt: Prompt, feeling: Feeling) -> Plan:
        """The tale before its blanks are chosen."""
        return plan(prompt, None, feeling, self.studio())

    def studio(self) -> Studio:
        """A studio that lends these models, and remembers through JSON."""
        return Studio(cast(Any, self._borrow), cast(Any, None), _once, lambda _event: None, CHECK)

    @contextmanager
    def _borrow(self, role: type[Any], **needs: Any) -> Iterator[Any]:
        lent = self._embedder if role is Embedder else cast(Any, self) if self.writer else None
        if lent is None or needs.get("reins", self._reins) != self._reins:
            raise Unserved("role_unserved", role=role.__name__, **needs)
        yield lent

    def settle(self, system: str) -> None:
        """The writer's."""
        cast(Writer, self.writer).settle(system)

    def drafts(self, turn: Turn, ask: Ask, count: int, check: Cancelled) -> list[str]:
        """The writer's, side by side."""
        return cast(GgufWriter, self.writer).drafts(turn, ask, count, check)

    def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
        """The writer's, its pieces counted."""
        for piece in cast(Writer, self.writer).complete(turn, ask, check):
            self.tokens += 1
            yield piece


def _told(wanted: Wanted, planned: Plan, passages: Sequence[Any]) -> Told:
    scenes = [" ".join(one.text for one in passages if one.scene == beat.scene) for beat in planned.beats]
    return Told(
        wanted.text,
        planned.language,
        "\n\n".join(scenes),
        tuple(scenes),
        planned.facts.hero.name,
        planned.shape,
        planned.recipe,
        planned.chosen[0].fit if planned.chosen else "",
        tuple((line.speaker, line.text) for one in passages for line in one.lines if line.speaker != "narrator"),
        planned.read,
    )


def one_go(wanted: Wanted, writer: GgufWriter, seed: int, words: int) -> Told:
    """The plain way: ask for a story of so many words."""
    turn = Turn("", _asked(wanted, words), "")
    return _free(wanted, lambda: [_said(writer, turn, seed, int(words * 1.7))])


def plan_then_beats(wanted: Wanted, writer: GgufWriter, seed: int, words: int) -> Told:
    """The usual way: let the model plan five beats, then write each."""
    ask = _asked(wanted, words)

    def scenes() -> list[str]:
        outline = _said(writer, Turn("", f"{ask}\n1-5:", "1."), seed, 110)
        beats = [one.strip() for one in re.split(r"\s*\d[.)]\s*", outline) if one.strip()][:5] or [wanted.text]
        told: list[str] = []
        for at, beat in enumerate(beats):
            user = f"{ask}\n... {' '.join(told)[-400:]}\n{at + 1}. {beat}"
            told.append(_said(writer, Turn("", user, ""), seed + at, int(words * 1.7 / len(beats))))
        return told

    return _free(wanted, scenes)


def _asked(wanted: Wanted, words: int) -> str:
    ask = read_table(PROMPTS, _File).ask
    return ask.get(wanted.language, ask["en"]).format(prompt=wanted.text, words=words)


def _free(wanted: Wanted, scenes: Callable[[], list[str]]) -> Told:
    began, spent = time.perf_counter(), time.process_time()
    told = [part.strip() for scene in scenes() for part in scene.split("\n\n") if part.strip()]
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - spent
    text = "\n\n".join(told)
    made = Told(wanted.text, wanted.language, text, tuple(told), own_words=len(text.split()))
    return replace(made, first_s=wall_s, wall_s=wall_s, cpu_s=cpu_s)


def _said(writer: GgufWriter, turn: Turn, seed: int, tokens: int) -> str:
    return "".join(writer.complete(turn, Ask(Kind.FREE, seed, max_tokens=tokens, temperature=0.7), CHECK)).strip()


def _once(_stage: str, _unit: str, kind: Any, work: Callable[[], Any]) -> Any:
    return remembered(kind, work())


def write_tales(file: Path, tales: Sequence[Told]) -> None:
    """One JSON object a line."""
    file.write_text("".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in tales), encoding="utf-8")


def read_tales(file: Path) -> list[Told]:
    """What some version told of some wishes."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    known = Told.__dataclass_fields__
    return [Told(**{key: _frozen(value) for key, value in row.items() if key in known}) for row in rows]


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def weights_path(model: str) -> Path:
    """Where the model lies, pulled if it does not yet."""
    from pipeline.places import Places
    from pipeline.settings import read_settings
    from pipeline.shelf.manifest import read_manifest
    from pipeline.shelf.weights import ensure, weights_of

    entry, places, settings = read_manifest()[model], Places.here(), read_settings()
    ensure((entry,), places, settings)
    return next(path for name, path in weights_of(entry, places, settings).items() if name.endswith((".gguf", ".bin")))
