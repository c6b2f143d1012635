"""Prompts told three ways, for the writing bench."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pipeline.backends.write_gguf import GgufWriter
from pipeline.cancelled import Cancelled
from pipeline.places import CHECKOUT
from pipeline.roles import Ask, Kind, Turn
from pipeline.tables import read_table
from pipeline.telling.plan import planned_from
from pipeline.telling.studio import Studio, remembered
from pipeline.telling.write import steps
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.writing.tongue import count_words, tongues, words_in

PROMPTS = CHECKOUT / "tests" / "bench" / "writing_prompts.toml"
CHECK = Cancelled()


@dataclass(frozen=True)
class Wanted:
    """One prompt with what its tale must hold."""

    language: str
    text: str
    hero: tuple[str, ...]
    things: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """One tale as it came out."""

    wanted: Wanted
    shape: str
    hero: str
    """The hero's name, given or invented."""
    scenes: tuple[str, ...]
    speakers: tuple[tuple[str, str], ...]
    """(speaker, what they said)."""
    people: frozenset[str]
    own_words: int
    """The model's."""
    asked_words: int
    first_s: float
    wall_s: float
    cpu_s: float
    """Of all threads: what the machine's other work hardly changes."""

    @property
    def text(self) -> str:
        return "\n\n".join(self.scenes)


@dataclass(frozen=True)
class _File:
    prompts: tuple[Wanted, ...]
    drawn: dict[str, dict[str, Any]]


def fixed() -> tuple[Wanted, ...]:
    """The forty, languages in turn, so that a shorter run still meets all four."""
    told = read_table(PROMPTS, _File).prompts
    languages = list(dict.fromkeys(one.language for one in told))
    by_language = [[one for one in told if one.language == language] for language in languages]
    return tuple(one for row in zip(*by_language, strict=True) for one in row)


def drawn(number: int, seed: int) -> tuple[Wanted, ...]:
    """Prompts nobody has seen before."""
    tables, dice = read_table(PROMPTS, _File).drawn, random.Random(seed)
    return tuple(_drawn(list(tables)[at % len(tables)], tables, dice) for at in range(number))


def _drawn(language: str, tables: dict[str, dict[str, Any]], dice: random.Random) -> Wanted:
    table = tables[language]
    parts = {name: dice.choice(table[name]) for name in ("hero", "deed", "thing", "place")}
    return Wanted(
        language, table["pattern"].format(**parts), (words_in(parts["hero"])[-1],), (words_in(parts["thing"])[1],)
    )


def led(wanted: Wanted, writer: GgufWriter, seed: int, words: int) -> Told:
    """The bot's own way."""
    studio = Studio(cast(Any, _lending(writer)), cast(Any, None), _once, lambda _event: None, CHECK)
    prompt = Prompt(wanted.text, seed, words, wanted.language)
    writer.settle(tongues()[wanted.language].system)  # warm, as after any tale in this language
    began, spent = time.perf_counter(), time.process_time()
    plan = planned_from(prompt, None, Feeling(Mood.pure(Emotion.NEUTRAL)))
    made, first_s = [], 0.0
    for step in steps(prompt, plan, studio):
        first_s = first_s or time.perf_counter() - began
        made.append(step)
    passages = [step.passage for step in made]
    facts = plan.facts
    people = {facts.hero.name, *(one.name for one in facts.people), *([facts.helper.name] if facts.helper else [])}
    return Told(
        wanted,
        plan.shape,
        facts.hero.name,
        tuple(" ".join(one.text for one in passages if one.scene == beat.scene) for beat in plan.beats),
        tuple((line.speaker, line.text) for one in passages for line in one.lines if line.speaker != "narrator"),
        frozenset(people),
        sum(step.own for step in made),
        words,
        first_s,
        time.perf_counter() - began,
        time.process_time() - spent,
    )


def one_go(wanted: Wanted, writer: GgufWriter, seed: int, words: int) -> Told:
    """The plain way: ask for a story of so many words."""
    tongue = tongues()[wanted.language]
    ask = tongue.ask.format(prompt=wanted.text, mood=tongue.moods[Emotion.NEUTRAL])
    turn = Turn(tongue.system, f"{ask} ({words})", "")
    return _free(wanted, words, lambda: [_said(writer, turn, seed, int(words * 1.7))])


def plan_then_beats(wanted: Wanted, writer: GgufWriter, seed: int, words: int) -> Told:
    """The usual way: let the model plan five beats, then write each."""
    tongue = tongues()[wanted.language]
    ask = tongue.ask.format(prompt=wanted.text, mood=tongue.moods[Emotion.NEUTRAL])

    def scenes() -> list[str]:
        outline = _said(writer, Turn(tongue.system, f"{ask}\n1-5:", "1."), seed, 110)
        beats = [one.strip() for one in re.split(r"\s*\d[.)]\s*", outline) if one.strip()][:5] or [wanted.text]
        told: list[str] = []
        for at, beat in enumerate(beats):
            user = f"{ask}\n{tongue.so_far.format(told=' '.join(told)[-400:])}\n{at + 1}. {beat}"
            told.append(_said(writer, Turn(tongue.system, user, ""), seed + at, int(words * 1.7 / len(beats))))
        return told

    return _free(wanted, words, scenes)


def _free(wanted: Wanted, words: int, scenes: Callable[[], list[str]]) -> Told:
    began, spent = time.perf_counter(), time.process_time()
    told = [part.strip() for scene in scenes() for part in scene.split("\n\n") if part.strip()]
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - spent
    own = sum(count_words(one) for one in told)
    return Told(wanted, "", "", tuple(told), (), frozenset(), own, words, wall_s, wall_s, cpu_s)


def _said(writer: GgufWriter, turn: Turn, seed: int, tokens: int) -> str:
    return "".join(writer.complete(turn, Ask(Kind.FREE, seed, max_tokens=tokens, temperature=0.7), CHECK)).strip()


def _lending(writer: GgufWriter) -> Callable[..., Any]:
    @contextmanager
    def borrow(_role: type[Any], **_needs: str) -> Iterator[GgufWriter]:
        yield writer

    return borrow


def _once(_stage: str, _unit: str, kind: Any, work: Callable[[], Any]) -> Any:
    return remembered(kind, work())


def weights_path(model: str) -> Path:
    """Where the model lies, pulled if it does not yet."""
    from pipeline.places import Places
    from pipeline.settings import read_settings
    from pipeline.shelf.manifest import read_manifest
    from pipeline.shelf.weights import ensure, weights_of

    entry, places, settings = read_manifest()[model], Places.here(), read_settings()
    ensure((entry,), places, settings)
    return next(path for name, path in weights_of(entry, places, settings).items() if name.endswith(".gguf"))
