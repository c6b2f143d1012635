"""Writes a plan as passages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pipeline.audio.surroundings import in_place
from pipeline.errors import Unserved, Unwell
from pipeline.roles import Ask, Kind, Turn, Writer
from pipeline.shelf.ladder import is_memory_short
from pipeline.telling.ahead import Ahead
from pipeline.telling.plan import AS_WRITTEN
from pipeline.telling.rate import harmful
from pipeline.telling.scenes import SceneWriter, WrittenScene
from pipeline.telling.studio import Studio
from pipeline.words.event import Written
from pipeline.words.mood import Mood
from pipeline.words.prompt import Prompt
from pipeline.words.story import Beat, Passage, Plan, Scene, Story
from pipeline.writing.fill import BLANK
from pipeline.writing.forms import polished
from pipeline.writing.read_wish import turn_of
from pipeline.writing.reins.asking import FREE, LOOSE
from pipeline.writing.seeds import number
from pipeline.writing.titles import picture_of, synopsis_of
from pipeline.writing.told_lines import passage_of, texts_of, with_blanks
from pipeline.writing.verbatim import Piece, pieces_of

WARMTH, DARING = 0.7, 0.3
"""Temperature at which a blank is chosen, and how far the prompt's daring (-1..1) moves it."""
MOST_TOLD_CHARS = 900
"""Characters of the tale before a blank that its chooser sees."""


@dataclass(frozen=True)
class Step:
    """Result of a durable step: a passage, and how many of its blanks were chosen."""

    passage: Passage
    blanks: int = 0
    own_words: int = 0
    """Of its scene, how many are the writer's own; told with the scene's first passage."""
    faults: tuple[str, ...] = ()
    """Of the scene's drafts that were not told."""


def write(prompt: Prompt, plan: Plan, studio: Studio, ahead: Ahead | None = None) -> Iterator[Passage]:
    """Give passages as they are written, each a durable step; finished ones come from memory, without a model."""
    for step in steps(prompt, plan, studio, ahead):
        yield step.passage


def steps(prompt: Prompt, plan: Plan, studio: Studio, ahead: Ahead | None = None) -> Iterator[Step]:
    """Give the same with the figures of each step."""
    if plan.shape == AS_WRITTEN:
        made = _as_written(plan, studio)
    elif plan.reins in {LOOSE, FREE}:
        made = _in_own_words(prompt, plan, studio, ahead or Ahead())
    else:
        made = _Filling(prompt, plan, studio, ahead or Ahead()).steps()
    before: Passage | None = None
    for step in made:
        # Outside the durable step: one that an earlier release finished learns its place here too.
        before = in_place(step.passage, plan.language, before)
        placed = replace(step, passage=before)
        studio.say(Written(placed.passage))
        yield placed


def story_of(plan: Plan, passages: Sequence[Passage]) -> Story:
    """Return the finished passages as scenes, with a synopsis and a line for each picture."""
    scenes = tuple(
        Scene(beat.scene, beat.intent, mine[-1].mood, mine, picture_of(mine))
        for beat in plan.beats
        if (mine := tuple(one for one in passages if one.scene == beat.scene))
    )
    return Story(plan.title, synopsis_of(passages), plan.language, scenes)


@dataclass(frozen=True)
class _Place:
    """A passage to come."""

    scene: int
    text: str
    mood: Mood
    closes_scene: bool
    closes_tale: bool


class _Filling:
    """A tale being written: its turns as passages, their blanks decided one after the other."""

    def __init__(self, prompt: Prompt, plan: Plan, studio: Studio, ahead: Ahead) -> None:
        self._warmth = WARMTH + DARING * prompt.storyteller.daring
        self._plan, self._studio, self._ahead = plan, studio, ahead
        self._places = list(_places(plan))
        self._told = ""
        self._before: Passage | None = None

    def steps(self) -> Iterator[Step]:
        """Give the steps; a next passage without blanks is foretold, so that it can be spoken ahead."""
        for index, place in enumerate(self._places):
            step = self._studio.once("write", str(index), Step, partial(self._made, index, place))
            # From the step's result, not from memory: after a recovery a blank's chooser must see the same words.
            self._told = f"{self._told} {step.passage.text}"[-MOST_TOLD_CHARS:]
            self._before = in_place(step.passage, self._plan.language, self._before)
            after = self._places[index + 1] if index + 1 < len(self._places) else None
            if after is not None and BLANK not in after.text:
                self._ahead.foretell(partial(self._foretold, index + 1, after, self._before))
            yield step

    def _foretold(self, index: int, place: _Place, before: Passage) -> Passage:
        """Return the passage as its step will, place included: what was spoken ahead is used only if they are equal."""
        return in_place(_passage(index, place, place.text), self._plan.language, before)

    def _made(self, index: int, place: _Place) -> Step:
        self._studio.check()
        blanks = place.text.count(BLANK)
        text = place.text
        if blanks:
            text = polished(with_blanks(text, self._told, partial(self._chosen, index)), self._plan.language)
        return Step(_passage(index, place, text), blanks)

    def _chosen(self, index: int, before: str, options: Sequence[str]) -> int:
        """Choose an option with the writer, where one can be reached, else by the seed."""
        seed = number(self._plan.seed, f"blank:{index}:{before[-40:]}")
        try:
            with self._studio.borrow(Writer, language=self._plan.language, reads="wishes") as writer:
                turn = turn_of(self._plan.asked)
                told = before[-MOST_TOLD_CHARS:].lstrip()
                ask = Ask(Kind.CHOICE, seed % 2**31, options=tuple(options), max_tokens=16, temperature=self._warmth)
                said = "".join(writer.complete(Turn(turn.system, turn.user, told), ask, self._studio.check)).strip()
        except (Unserved, Unwell) as error:
            if is_memory_short(error):
                raise
            return seed % len(options)
        # A small model may answer with something else: the seed then decides, as without a model.
        return options.index(said) if said in options else seed % len(options)


def _in_own_words(prompt: Prompt, plan: Plan, studio: Studio, ahead: Ahead) -> Iterator[Step]:
    """Scene by scene, each a durable step; its passages follow from its words."""
    index = 0
    with SceneWriter(prompt, plan, studio, harmful(prompt, studio)) as writer:
        for beat, scene in writer.scenes():
            passages: list[Passage] = []
            for one in _passages_of(beat, scene, plan, index):
                passages.append(in_place(one, plan.language, passages[-1] if passages else None))
            yield from _stepped(passages, scene, ahead)
            index += len(passages)


def _stepped(passages: Sequence[Passage], scene: WrittenScene, ahead: Ahead) -> Iterator[Step]:
    for at, passage in enumerate(passages):
        if at + 1 < len(passages):
            ahead.foretell(partial(_itself, passages[at + 1]))
        yield Step(passage, 0, *((0, ()) if at else (scene.own_words, scene.faults)))


def _itself(passage: Passage) -> Passage:
    """Nothing of it is still to be decided."""
    return passage


def _passages_of(beat: Beat, scene: WrittenScene, plan: Plan, index: int) -> Iterator[Passage]:
    texts = texts_of(scene.turns, alone=beat is plan.beats[0])
    for at, text in enumerate(texts):
        closes = at + 1 == len(texts)
        place = _Place(beat.scene, text, beat.target, closes, closes and beat is plan.beats[-1])
        yield _passage(index + at, place, text)


def _places(plan: Plan) -> Iterator[_Place]:
    """Give all passages of the tale; its first sentence is one by itself, so that it is heard soon."""
    texts = [(beat, text) for beat in plan.beats for text in texts_of(beat.turns, alone=beat is plan.beats[0])]
    for at, (beat, text) in enumerate(texts):
        after = texts[at + 1][0] if at + 1 < len(texts) else None
        yield _Place(beat.scene, text, beat.target, after is not beat, after is None)


def _passage(index: int, place: _Place, text: str) -> Passage:
    closes = {"closes_scene": place.closes_scene, "closes_tale": place.closes_tale}
    return passage_of(text, place.scene, index, place.mood, **closes)


def _as_written(plan: Plan, studio: Studio) -> Iterator[Step]:
    """Give the words as written, cut into passages, without a model."""
    pieces = pieces_of(plan.asked)
    for index in range(len(pieces)):
        yield studio.once("write", str(index), Step, partial(_told, pieces, index, plan))


def _told(pieces: Sequence[Piece], at: int, plan: Plan) -> Step:
    piece = pieces[at]
    last = at == len(pieces) - 1
    closes = last or pieces[at + 1].scene != piece.scene
    mood = plan.beats[piece.scene].target
    return Step(Passage(piece.scene, at, piece.text, piece.lines, mood, closes, last))
