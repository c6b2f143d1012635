"""Scenes in the writer's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleError
from pipeline.log import log_of
from pipeline.roles import Writer
from pipeline.telling.let_run import drafts_by, is_serious, needs_of
from pipeline.telling.studio import Studio
from pipeline.words.prompt import Order, Prompt
from pipeline.words.story import Beat, Facts, Plan
from pipeline.writing.fill import BLANK
from pipeline.writing.forms import forms_of, polished
from pipeline.writing.reins.asking import FREE, SceneAsker, ScenePart
from pipeline.writing.reins.drafts import ChosenDraft, Drafts
from pipeline.writing.reins.guards import LEAST_OF_A_LINE, DraftBounds
from pipeline.writing.reins.outline import outlined
from pipeline.writing.seeds import number
from pipeline.writing.told_lines import plain_text, with_blanks
from pipeline.writing.tongue import count_words, tongues, words_in, words_of
from pipeline.writing.weave import spoken_words

LEAST_PART_WORDS = 16
"""Less than this is not worth asking for: it stands as it was written. A small writer blurs a single reply."""
CATCHES_UP = 0.5
"""Of the words that a tale is too long or short so far, how many the next part makes good."""
log = log_of("scenes")


@dataclass(frozen=True)
class WrittenScene:
    """One scene in words: a durable step."""

    turns: tuple[str, ...]
    """With the marks of who speaks."""
    own_words: int = 0
    """How many of its words are the writer's own."""
    faults: tuple[str, ...] = ()
    """Of drafts that were not told."""


@dataclass(frozen=True)
class WrittenOutline:
    """The writer's own plan, a line a scene: a durable step."""

    lines: tuple[str, ...] = ()
    """None where no draft of it could be told: then the frame is the tale."""


class SceneWriter:
    """One tale under way; the next scene is written while one is spoken."""

    def __init__(self, prompt: Prompt, plan: Plan, studio: Studio, unsafe: Callable[[str], bool]) -> None:
        self._prompt, self._plan, self._studio = prompt, plan, studio
        plan = replace(plan, facts=_wished(plan)) if plan.reins == FREE else plan
        people = tuple(dict.fromkeys(one.name for one in (plan.facts.hero, *plan.facts.people) if one.name))
        known = " ".join((plan.asked, plan.persona, plan.title, *plan.read.values()))
        bounds = DraftBounds(plan.language, prompt.rating, 0, "", "", known, people)
        self._people = people
        self._drafts = Drafts(SceneAsker(prompt, plan), bounds, plan.seed, unsafe)
        self._halt = Cancelled()
        self._aside = ThreadPoolExecutor(1, "scene") if prompt.order is Order.FLOW and not prompt.words_only else None
        self._begun: Future[WrittenScene] | None = None
        self._outline_begun: Future[WrittenOutline] | None = None
        self._lines: tuple[str, ...] | None = tuple(beat.outline for beat in plan.beats[1:] if beat.outline) or None
        """One for each scene behind the first sentence; None where they were not asked for."""
        self._live = False
        """Whether a scene was written in this process: what is only remembered needs nothing beforehand."""
        self._gone = False
        """The writer could not be had: the rest is told without asking again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._halt.set()
        if self._aside:
            self._aside.shutdown(wait=True, cancel_futures=True)

    def scenes(self) -> Iterator[tuple[Beat, WrittenScene]]:
        """Each scene as it is written, one durable step each."""
        told, planned = "", 0
        with self._studio.check.watch(self._halt.set):
            for at, beat in enumerate(self._plan.beats):
                if at == 1 and self._plan.reins == FREE and self._lines is None:
                    self._lines = self._studio.once("write", "outline", WrittenOutline, self._outline_taken).lines
                planned += beat.words
                work = partial(self._taken, partial(self._scene, at, told, planned - beat.words))
                scene = self._studio.once("write", f"scene{at}", WrittenScene, work)
                told = f"{told} {plain_text(' '.join(scene.turns))}".strip()
                if self._aside and self._live and at + 1 < len(self._plan.beats):
                    self._begin(self._aside, at + 1, told, planned)
                yield beat, scene

    def _begin(self, aside: ThreadPoolExecutor, at: int, told: str, planned: int) -> None:
        """The next scene, while the one before is spoken; under free reins what the tale is to be comes first."""
        if at == 1 and self._plan.reins == FREE and self._lines is None:
            self._outline_begun = aside.submit(self._outlined)
        else:
            self._begun = aside.submit(self._scene, at, told, planned)

    def _taken(self, work: Callable[[], WrittenScene]) -> WrittenScene:
        """What was begun aside, once; on the ladder's next rung it is made anew."""
        begun, self._begun, self._live = self._begun, None, True
        self._studio.check()
        return begun.result() if begun is not None else work()

    def _outline_taken(self) -> WrittenOutline:
        begun, self._outline_begun = self._outline_begun, None
        self._studio.check()
        return begun.result() if begun is not None else self._outlined()

    def _outlined(self) -> WrittenOutline:
        plan, drafts = self._plan, self._drafts
        bounds = replace(drafts.bounds, words=self._prompt.words, outline=plan.asked, least_kept=LEAST_OF_A_LINE)
        try:
            with self._studio.borrow(Writer, **needs_of(plan)) as writer:
                draft = drafts_by(writer, self._halt)
                lines = outlined(drafts.asker, _hero(plan), plan.ending, bounds, drafts.unsafe, plan.seed, draft)
        except TaleError as error:
            self._give_up(error)
            return WrittenOutline()
        if lines is None:
            log.warning("plan_failed", frame=plan.shape)
        return WrittenOutline(tuple(lines or ()))

    def _scene(self, at: int, told: str, planned: int) -> WrittenScene:
        """Its own outline in the writer's words; the frame's where those fail, or where it stands fixed."""
        beat = self._beat(at)
        turns: list[str] = []
        own, faults = 0, list[str]()
        owed = round(CATCHES_UP * (planned - count_words(told)))
        for nth, (fixed, run) in enumerate(self._runs(beat)):
            here = f"{told} {plain_text(' '.join(turns))}".strip()
            chosen = ChosenDraft() if fixed else self._told_anew(self._part(at, nth, beat, run, owed), here)
            faults += chosen.faults
            turns += [chosen.text] if chosen.text else run
            own += spoken_words(chosen.text)
        return WrittenScene(tuple(turns), own, tuple(faults))

    def _beat(self, at: int) -> Beat:
        beat = self._plan.beats[at]
        return replace(beat, outline=self._lines[at - 1]) if at and self._lines else beat

    def _runs(self, beat: Beat) -> list[tuple[bool, list[str]]]:
        """Neighbouring turns that are fixed, or that are told anew, blanks decided."""
        if beat.outline:
            return [(False, [beat.outline])]
        found: list[tuple[bool, list[str]]] = []
        for nth, turn in enumerate(beat.turns):
            fixed = nth in beat.fixed or self._plan.reins == FREE
            if not found or found[-1][0] != fixed:
                found.append((fixed, []))
            found[-1][1].append(self._decided(turn))
        return [(fixed or sum(map(spoken_words, run)) < LEAST_PART_WORDS, run) for fixed, run in found]

    def _decided(self, turn: str) -> str:
        if BLANK not in turn:
            return turn

        def by_seed(before: str, options: Sequence[str]) -> int:
            return number(self._plan.seed, f"blank:{before[-40:]}") % len(options)

        return polished(with_blanks(turn, "", by_seed), self._plan.language)

    def _part(self, at: int, nth: int, beat: Beat, run: Sequence[str], owed: int) -> ScenePart:
        outline = plain_text(" ".join(run))
        words = beat.words if beat.outline else count_words(outline)
        least = max(LEAST_PART_WORDS, round(0.6 * words))
        return ScenePart(100 * at + nth, outline, max(least, words + owed), beat.target.emotion, self._people)

    def _told_anew(self, part: ScenePart, told: str) -> ChosenDraft:
        """Nothing where the writer is gone: what was written by people is told in its place, and nobody hears why."""
        if self._gone:
            return ChosenDraft()
        try:
            with self._studio.borrow(Writer, **needs_of(self._plan)) as writer:
                chosen = self._drafts.best(part, told, self._lines or (), drafts_by(writer, self._halt))
        except TaleError as error:
            self._give_up(error)
            return ChosenDraft(faults=(error.code,))
        if not chosen.text:
            log.warning("own_words_failed", part=part.index, faults=",".join(chosen.faults))
        return chosen

    def _give_up(self, error: TaleError) -> None:
        """The rest is told without the writer; raises what ends the step."""
        if is_serious(error):
            raise error
        self._gone = True
        log.warning("writer_passed_over", code=error.code, **error.fields)


def _hero(plan: Plan) -> str:
    """New to the listener: `a young dragon named Ember`."""
    name, who = plan.facts.hero.name, plan.read.get("who", "")
    if not who or who.lower() == name.lower():
        return name
    return forms_of(plan.language).named.replace("{who}", who).replace("{name}", name)


def _wished(plan: Plan) -> Facts:
    """Without those whom the frame would have brought along."""
    small = words_of(tongues()[plan.language].stopwords)
    named = {*words_in(" ".join((plan.asked, plan.facts.hero.name, *plan.read.values())))} - small
    people = [one for one in plan.facts.people if {*words_in(one.name)} & named]
    return replace(plan.facts, people=tuple(people))
