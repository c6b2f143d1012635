"""A plan into passages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from pipeline.roles import Ask, Writer
from pipeline.telling.ahead import Ahead
from pipeline.telling.plan import AS_WRITTEN
from pipeline.telling.studio import Studio
from pipeline.words.event import Written
from pipeline.words.prompt import Prompt
from pipeline.words.story import Beat, Passage, Plan, Scene, Story
from pipeline.writing.context import begun_with, needs_reading, turn_of
from pipeline.writing.dialogue import completed, lines_of
from pipeline.writing.drafts import UNTOLD, Model, Room, drafted
from pipeline.writing.guards import Guard
from pipeline.writing.pace import Pace, least_own, most_own, next_slot
from pipeline.writing.starters import Starter
from pipeline.writing.titles import picture_of, synopsis_of
from pipeline.writing.tongue import Tongue, count_words, tongues
from pipeline.writing.verbatim import Piece, pieces_of

SHORT_WORDS = 8
"""A passage shorter than this takes the next sentence along."""


@dataclass(frozen=True)
class Step:
    """One durable step: a passage, and what the next one must know."""

    passage: Passage
    own: int
    """Words of it that are the model's."""
    blanks: int
    """Sentences it holds."""
    next: int
    """The beat's starter to look at next."""
    tries: int = 0
    """Drafts made for it."""


def write(prompt: Prompt, plan: Plan, studio: Studio, ahead: Ahead | None = None) -> Iterator[Passage]:
    """Passages as they are written, each one durable step; told again from memory without a model."""
    for step in steps(prompt, plan, studio, ahead):
        yield step.passage


def steps(prompt: Prompt, plan: Plan, studio: Studio, ahead: Ahead | None = None) -> Iterator[Step]:
    """The same with the measures of each step."""
    as_written = plan.shape == AS_WRITTEN
    for step in _as_written(plan, studio) if as_written else _Telling(prompt, plan, studio, ahead or Ahead()).steps():
        studio.say(Written(step.passage))
        yield step


def story_of(plan: Plan, passages: Sequence[Passage]) -> Story:
    """The finished passages as scenes, with a synopsis and a line for each picture."""
    scenes = tuple(
        Scene(beat.scene, beat.intent, mine[-1].mood, mine, picture_of(mine))
        for beat in plan.beats
        if (mine := tuple(one for one in passages if one.scene == beat.scene))
    )
    return Story(plan.title, synopsis_of(passages), plan.language, scenes)


class _Telling:
    """One tale under way; all it knows follows from the steps so far."""

    def __init__(self, prompt: Prompt, plan: Plan, studio: Studio, ahead: Ahead) -> None:
        self._prompt, self._plan, self._studio, self._ahead = prompt, plan, studio, ahead
        self._tongue: Tongue = tongues()[plan.language]
        self._pace = Pace(prompt.words)
        self._scenes: list[str] = []
        self._settled = False
        self._next = 0
        self._fresh = False
        """Whether the last step was made now rather than remembered: only then a draft is worth its while."""

    def steps(self) -> Iterator[Step]:
        """While a step is narrated the next one is drafted beside it; steps are kept in order all the same."""
        places = self._places()
        place, draft = next(places, None), None
        with ThreadPoolExecutor(1, "drafts") as aside:
            while place is not None:
                step = self._once(place, draft)
                self._fold(step)
                place = next(places, None)
                draft = aside.submit(self._written, place) if place and self._fresh else None
                if draft:
                    self._ahead.foretell(partial(_passage_of, draft))
                yield step

    def _places(self) -> Iterator[_Place]:
        """Where each step stands, found when the one before it is folded."""
        index, until = 0, 0
        for beat in self._plan.beats:
            until += beat.words
            self._scenes.append("")
            starters = [Starter.unpacked(one) for one in beat.starters]
            at = next_slot(starters, 0, until, self._pace)
            while at is not None:
                yield _Place(beat, starters, at, until, index, beat is self._plan.beats[-1])
                index += 1
                at = next_slot(starters, self._next, until, self._pace)

    def _once(self, place: _Place, draft: Future[Step] | None) -> Step:
        self._fresh = False
        drafts = [draft] if draft else []

        def work() -> Step:
            self._fresh = True
            # Tried again, for instance with less memory, it is written anew.
            return drafts.pop().result() if drafts else self._written(place)

        return self._studio.once("write", str(place.index), Step, work)

    def _fold(self, step: Step) -> None:
        self._next = step.next
        self._scenes[-1] = f"{self._scenes[-1]} {step.passage.text}".strip()
        pace = self._pace.after(count_words(step.passage.text), step.own)
        self._pace = replace(pace, blanks=pace.blanks + step.blanks - 1)

    def _written(self, place: _Place) -> Step:
        with self._studio.borrow(Writer, language=self._plan.language) as writer:
            self._settle(writer, place)
            step = self._sentence(place, writer, "", self._pace)
            while count_words(step.passage.text) < SHORT_WORDS and place.index > 0:
                pace = self._pace.after(count_words(step.passage.text), step.own)
                after = next_slot(place.starters, step.next, place.until, pace)
                if after is None:
                    break
                step = _joined(step, self._sentence(replace(place, at=after), writer, step.passage.text, pace))
        return _closing(step, place, self._pace)

    def _settle(self, writer: Writer, place: _Place) -> None:
        if not self._settled:
            writer.settle(self._tongue.system)
            self._settled = True
        if place.index == 1 and needs_reading(self._plan):
            turn = turn_of(self._plan, self._prompt.before, self._tongue, self._scenes, "")
            writer.read_ahead(turn, self._studio.check)

    def _sentence(self, place: _Place, writer: Writer, before: str, pace: Pace) -> Step:
        starter = place.starters[place.at]
        scenes = [*self._scenes[:-1], f"{self._scenes[-1]} {before}".strip()]
        turn = turn_of(self._plan, self._prompt.before, self._tongue, scenes, starter.lead)

        def complete(ask: Ask, begun: str) -> str:
            return "".join(writer.complete(begun_with(turn, begun), ask, self._studio.check))

        def sureness(own: str) -> float:
            return writer.sureness(turn, begun_with(turn, own), self._studio.check)

        room = Room(
            place.beat.scene,
            most_own(place.starters, place.at, place.until, pace, place.last_beat),
            least_own(place.starters, place.at, place.until, pace, place.last_beat),
            self._prompt.storyteller.daring,
            f"{place.index}:{place.at}",
        )
        guard = Guard(self._tongue, self._tongue.system, self._plan.asked, self._prompt.rating, "\n".join(scenes))
        draft = drafted(starter, room, self._plan.seed, self._prompt.candidates, guard, Model(complete, sureness))
        other = place.at + 1
        if draft.faults & UNTOLD and other < len(place.starters) and not place.starters[other].must:
            return self._sentence(replace(place, at=other), writer, before, pace)
        text = completed(starter, draft.own, self._tongue)
        passage = Passage(
            place.beat.scene, place.index, text, lines_of(text, starter.speaker, starter.manner), place.beat.target
        )
        return Step(passage, count_words(draft.own), 1, place.at + 1, draft.tries)


def _passage_of(draft: Future[Step]) -> Passage:
    return draft.result().passage


@dataclass(frozen=True)
class _Place:
    """Where in the tale a step stands."""

    beat: Beat
    starters: Sequence[Starter]
    at: int
    until: int
    """Words of the whole tale at which the beat should end."""
    index: int
    last_beat: bool


def _joined(one: Step, two: Step) -> Step:
    text = f"{one.passage.text} {two.passage.text}"
    passage = replace(one.passage, text=text, lines=one.passage.lines + two.passage.lines)
    return Step(passage, one.own + two.own, one.blanks + two.blanks, two.next, one.tries + two.tries)


def _closing(step: Step, place: _Place, pace: Pace) -> Step:
    after = replace(pace.after(count_words(step.passage.text), step.own), blanks=pace.blanks + step.blanks)
    closes = next_slot(place.starters, step.next, place.until, after) is None
    return replace(step, passage=replace(step.passage, closes_scene=closes, closes_tale=closes and place.last_beat))


def _as_written(plan: Plan, studio: Studio) -> Iterator[Step]:
    """The given words, cut into passages; no model."""
    pieces = pieces_of(plan.asked)
    for index in range(len(pieces)):
        yield studio.once("write", str(index), Step, partial(_told, pieces, index, plan))


def _told(pieces: Sequence[Piece], at: int, plan: Plan) -> Step:
    piece = pieces[at]
    last = at == len(pieces) - 1
    closes = last or pieces[at + 1].scene != piece.scene
    mood = plan.beats[piece.scene].target
    return Step(Passage(piece.scene, at, piece.text, piece.lines, mood, closes, last), 0, 1, 0)
