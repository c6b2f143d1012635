"""Two hundred tales, and sequels, for the bench."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.roles import Voice
from pipeline.speaking.cast import cast_of
from pipeline.speaking.voices import voice_book
from pipeline.telling.write import steps
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Lately, Prompt
from pipeline.words.sound import Artifact
from pipeline.words.story import Passage, Plan, Scene, Story
from pipeline.words.tale import Master, Tale
from pipeline.words.timeline import Timeline
from pipeline.words.traces import traces_of
from pipeline.words.world import Known, KnownKind
from pipeline.writing.forms import forms_of
from pipeline.writing.tongue import words_in, words_of
from tests.bench._stories import Teller, Wanted

CALM = Feeling(Mood.pure(Emotion.NEUTRAL))
WORDS = 130
IN_A_ROW = 20
_NONE = Artifact("0" * 64, ".wav", 1)
SEQUELS = (
    "{name} is afraid of candles", "{name} finds a key under the snow", "{name} wants to learn to whistle",
    "{name} opens a shop for hats", "{name} cannot sleep", "{name} and the lost bell",
)  # fmt: skip


@dataclass(frozen=True)
class WorldTale:
    """A tale with its plan."""

    wish: str
    plan: Plan
    scenes: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(self.scenes)


def tell_all(teller: Teller, wishes: Sequence[Wanted], seed: int) -> list[WorldTale]:
    """Tell them as one server would hear them: each knows what was told lately in its language."""
    told: list[WorldTale] = []
    for at, one in enumerate(wishes):
        mine = [tale for tale in told if tale.plan.language == one.language][-IN_A_ROW:]
        shapes = tuple(tale.plan.recipe for tale in reversed(mine))
        lately = Lately(shapes=shapes, heroes=tuple(tale.plan.facts.hero.name for tale in mine))
        told.append(tell(teller, Prompt(one.text, seed + at, WORDS, one.language, lately=lately)))
        if at % 20 == 19:
            print(f"{at + 1}/{len(wishes)} told", file=sys.stderr)
    return told


def tell(teller: Teller, prompt: Prompt) -> WorldTale:
    """One tale, in words."""
    plan = teller.planned(prompt, CALM)
    passages = [step.passage for step in steps(prompt, plan, teller.studio())]
    scenes = (" ".join(one.text for one in passages if one.scene == beat.scene) for beat in plan.beats)
    return WorldTale(prompt.text, plan, tuple(scene for scene in scenes if scene))


def tale_of(one: WorldTale, cast: dict[str, str]) -> Tale:
    """The same as a finished tale, cast so."""
    scenes = tuple(
        Scene(at, "", CALM.mood, (Passage(at, at, text, (), CALM.mood),)) for at, text in enumerate(one.scenes)
    )
    story = Story(one.plan.title, "", one.plan.language, scenes, cast)
    return Tale(
        Prompt(one.wish, one.plan.seed), one.plan, story, Timeline(), Master(_NONE, 1, 0, 0, 0), _NONE, _NONE, None
    )


def cast_names(plan: Plan) -> dict[str, str]:
    """Who speaks with which voice, as the narrator casts it with all voices of the book."""
    book = voice_book()
    voices = [Voice(name, one.locale[:2], one.locale, one.gender, "") for name, one in book.voices.items()]
    people = [plan.facts.hero, *plan.facts.people]
    kept = {one.name: one.said_in(plan.language).voice for one in plan.recalled}
    return cast_of(people, voices, plan.language, plan.seed, None, {k: v for k, v in kept.items() if v}).names()


def sequels(teller: Teller, told: Sequence[WorldTale], count: int, seed: int) -> dict[str, float | int]:
    """Tell sequels by the hero's name alone, and look what the world knows against what they tell."""
    english = [one for one in told if one.plan.language == "en" and _named(one)][:count]
    kept, wrong, facts = [], 0, 0
    for at, one in enumerate(english):
        hero = one.plan.facts.hero
        known = tuple(
            trace for trace in traces_of(tale_of(one, cast_names(one.plan))) if trace.kind is KnownKind.PERSON
        )
        known = tuple(replace(trace, id=str(nth)) for nth, trace in enumerate(known))
        wish = SEQUELS[at % len(SEQUELS)].format(name=hero.name)
        again = tell(teller, Prompt(wish, seed + 1000 + at, WORDS, "en", known=known))
        voice = cast_names(again.plan).get(hero.name) == cast_names(one.plan).get(hero.name)
        kept.append(voice and again.plan.hero_key == one.plan.hero_key)
        found = _contradictions(again, known)
        wrong, facts = wrong + sum(found), facts + len(found)
        if sum(found):
            print(f"{wish}: {again.plan.facts.hero} after {hero}", file=sys.stderr)
    return {
        "sequels": len(english),
        "voice_and_motif_kept": sum(kept) / max(1, len(kept)),
        "contradictions": wrong / max(1, facts),
    }


def plan_extra_s(teller: Teller, told: Sequence[WorldTale], seed: int) -> float:
    """Seconds that a full world adds to planning: the median of pairs, told with and without in turns."""
    crowd = tuple(
        replace(trace, id=str(at))
        for at, one in enumerate(told[:40])
        for trace in traces_of(tale_of(one, cast_names(one.plan)))
        if trace.kind is KnownKind.PERSON
    )[:10]
    extra = []
    for at, one in enumerate(told[100:120]):
        prompt = Prompt(one.wish, seed + at, WORDS, one.plan.language)
        seconds = [_seconds(teller, replace(prompt, known=known)) for known in ((), crowd)]
        extra.append(seconds[1] - seconds[0])
    return statistics.median(extra)


def _seconds(teller: Teller, prompt: Prompt) -> float:
    began_s = time.perf_counter()
    teller.planned(prompt, CALM)
    return time.perf_counter() - began_s


def _named(one: WorldTale) -> bool:
    """Whether the tale tells of its hero by a name of their own: some tales of dread never do."""
    hero = one.plan.facts.hero
    return hero.name[:1].isupper() and " " not in hero.name and bool(hero.who) and hero.name in one.text


def _contradictions(again: WorldTale, known: Sequence[Known]) -> list[bool]:
    """For each fact of the hero whether the sequel tells another: name, what they are, kind, pronoun, alone or many."""
    was = next(one for one in known if one.seed)
    facts = again.plan.facts
    # Of two heroes, as of `Lou and the lost bell`, each is somebody by themselves.
    hero = next((one for one in facts.people if one.name == was.name), facts.hero)
    forms = forms_of(again.plan.language)
    others = {one.name for one in again.plan.facts.people}
    he_or_she = {"f": "his him", "m": "her hers"}.get(was.gender, "")
    strange = words_of(he_or_she) & set(words_in(again.text)) if not others and not again.plan.recalled[1:] else set()
    said = was.said_in(again.plan.language).who
    return [
        hero.name != was.name,
        hero.gender != was.gender,
        hero.kind != was.figure,
        bool(said and hero.who) and hero.who != said,
        bool(strange) and not words_of(forms.two) & set(words_in(again.text)),
    ]
