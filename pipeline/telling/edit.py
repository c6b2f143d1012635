"""Changes a stretch of a told tale."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.audio.surroundings import in_place
from pipeline.errors import Refused
from pipeline.telling.compose import Cued, Middle, compose
from pipeline.telling.mix import bind, mix
from pipeline.telling.narrate import narrate
from pipeline.telling.rate import hold_to_rating
from pipeline.telling.studio import Studio
from pipeline.words.event import CueReady, Event, Narrated, Planned, Written
from pipeline.words.jsonable import from_json
from pipeline.words.mood import Emotion, Mood
from pipeline.words.prompt import Before, Change, Edit, Prompt
from pipeline.words.score import Effect
from pipeline.words.story import NARRATOR, Passage, Story
from pipeline.words.tale import Publishable, Rights, Tale
from pipeline.words.timeline import Placed, Timeline
from pipeline.writing.shorten import shortened
from pipeline.writing.verbatim import pieces_of

TOWARDS = 0.6
"""Of a passage's mood, how much the wanted feeling takes each time."""
OTHER_TAKE = 0.97
"""Pace of a line said again: models that ignore the seed say it differently by it."""
_STRICTNESS = (Publishable.YES, Publishable.WITH_TERMS, Publishable.NO)


@dataclass(frozen=True)
class _Rewritten:
    """Result of the durable step: the changed stretch in words."""

    passages: tuple[Passage, ...]


def earlier(change: Change, studio: Studio) -> Tale:
    """Return the version that is changed. Raises Missing `artifact_gone`."""
    return from_json(Tale, json.loads(studio.keep.path(change.tale).read_bytes()))


def changed(prompt: Prompt, change: Change, studio: Studio) -> Tale:
    """Make the changed stretch anew; every stem outside it is the earlier version's own.

    Raises Refused `edit_nowhere`, `edit_not_shorter` or `edit_silent`.
    """
    old = earlier(change, studio)
    passages = old.story.passages
    if not 0 <= change.first <= change.last < len(passages):
        raise Refused("edit_nowhere", last=len(passages) - 1)
    new = studio.once("rewrite", "0", _Rewritten, lambda: _Rewritten(_rewritten(old, change))).passages
    if change.how is Edit.WORDS:
        hold_to_rating(prompt, [one.text for one in new], studio)
    every = _numbered([*passages[: change.first], *new, *passages[change.last + 1 :]])
    stretch = every[change.first : change.first + len(new)]
    story = _retold(old.story, every, stretch)
    studio.say(Planned(old.plan))
    if old.silent:
        for one in every:
            studio.say(Written(one))
        return replace(bind(prompt, old.plan, story, studio), pictures=old.pictures)
    return _sounded(prompt, change, old, story, stretch, studio)


def _sounded(
    prompt: Prompt, change: Change, old: Tale, story: Story, stretch: Sequence[Passage], studio: Studio
) -> Tale:
    timeline = Timeline()

    def say(event: Event) -> None:
        nonlocal timeline
        timeline = timeline.after(event)
        studio.say(event)

    at_work = replace(studio, say=say)
    placed = {one.scored.passage: one for one in old.timeline.placed}
    first, last, every = change.first, change.last, story.passages
    _keep([one for index, one in placed.items() if index < 0], (), say)
    _keep([placed[index] for index in range(first)], every[:first], say)
    middle = _middle([one for one in old.timeline.placed if one.scored.passage < first])
    cued = list(_told_anew(prompt, change, old, stretch, middle, at_work))
    after = every[first + len(stretch) :]
    _keep([placed[index] for index in range(last + 1, len(old.story.passages))], after, say)
    cast = old.story.cast | {line.speaker: line.voice for one in cued for line in one.spoken.lines}
    made = replace(story, cast=cast)
    mixed = mix(prompt, old.plan, made, timeline, at_work, gain_db=old.master.gain_db)
    return replace(mixed, pictures=old.pictures)


def _keep(placed: Sequence[Placed], passages: Sequence[Passage], say: Callable[[Event], None]) -> None:
    """Say again what stays as it is, under its new number."""
    for nth, one in enumerate(placed):
        index, scene = (
            (passages[nth].index, passages[nth].scene) if passages else (one.scored.passage, one.scored.scene)
        )
        if passages:
            say(Written(passages[nth]))
        if one.spoken is not None:
            say(Narrated(replace(one.spoken, passage=index, scene=scene)))
        say(CueReady(replace(one.scored, passage=index, scene=scene)))


def _middle(before: Sequence[Placed]) -> Middle:
    """Return what the composer knows where the stretch begins."""
    happened: list[Effect] = [
        replace(effect, start=one.start + effect.start) for one in before for effect in one.scored.effects
    ]
    last = before[-1] if before else None
    return Middle(last.scored.carry if last else {}, tuple(happened), last.end if last else 0)


def _told_anew(
    prompt: Prompt, change: Change, old: Tale, stretch: Sequence[Passage], middle: Middle, studio: Studio
) -> Iterator[Cued]:
    asked, plan = _performed(prompt, change, old), old.plan
    if change.how is Edit.AGAIN:
        plan = replace(plan, seed=(plan.seed + 7_919 * change.number) % 2**31)
    words = sum(len(one.text.split()) for one in old.story.passages[: change.first])
    written = _written(stretch, studio)
    told = narrate(asked, plan, written, studio, words_before=words)
    yield from compose(old.plan, told, studio, with_effects=prompt.effects, since=middle)


def _written(stretch: Sequence[Passage], studio: Studio) -> Iterator[Passage]:
    for one in stretch:
        studio.say(Written(one))
        yield one


def _performed(prompt: Prompt, change: Change, old: Tale) -> Prompt:
    """Return the wish as its speakers are to take it: everybody keeps their voice, unless another is asked for."""
    cast = dict(old.story.cast)
    # A tale that was told with its own cast keeps it, whatever its narrator is called today.
    asked = replace(prompt, voice=cast.get(NARRATOR, prompt.voice) if prompt.learnt is None else prompt.voice)
    if change.how is Edit.VOICE:
        lines = [line for one in old.story.passages[change.first : change.last + 1] for line in one.lines]
        speakers = {line.speaker for line in lines}
        if NARRATOR in speakers:
            asked, speakers = replace(asked, voice=change.voice, learnt=None), {NARRATOR}
        cast |= dict.fromkeys(speakers, change.voice)
    if change.how is Edit.AGAIN:
        pace = OTHER_TAKE if change.number % 2 else 1 / OTHER_TAKE
        asked = replace(asked, speaking=replace(asked.speaking, pace=asked.speaking.pace * pace))
    before = asked.before or Before("", {}, "", {})
    return replace(asked, before=replace(before, cast=cast))


def _rewritten(old: Tale, change: Change) -> tuple[Passage, ...]:
    """Return the stretch as it is to be told, numbered as it was."""
    passages = old.story.passages
    stretch = passages[change.first : change.last + 1]
    match change.how:
        case Edit.FEEL:
            if old.silent:
                raise Refused("edit_silent")
            return tuple(replace(one, mood=towards(one.mood, change.mood or Emotion.SADNESS)) for one in stretch)
        case Edit.SHORTER:
            short = shortened(passages, change.first, change.last)
            if short == tuple(stretch):
                raise Refused("edit_not_shorter")
            return _closed(short, stretch)
        case Edit.WORDS:
            language = old.story.language
            made: list[Passage] = []
            for piece in pieces_of(change.words):
                one = Passage(stretch[0].scene, 0, piece.text, piece.lines, stretch[0].mood)
                made.append(in_place(one, language, made[-1] if made else None))
            return _closed(made, stretch)
        case _ if old.silent:
            raise Refused("edit_silent")
        case _:
            return tuple(stretch)


def towards(mood: Mood, emotion: Emotion) -> Mood:
    """Return the mood, drawn towards a feeling; each time it goes further."""
    weights = {one: share * (1 - TOWARDS) for one, share in mood.weights.items()}
    return Mood.of(weights | {emotion: weights.get(emotion, 0.0) + TOWARDS}, mood.certainty)


def _closed(made: Sequence[Passage], stretch: Sequence[Passage]) -> tuple[Passage, ...]:
    """Let the last one close what the stretch closed, and no other."""
    open_ones = [replace(one, closes_scene=False, closes_tale=False) for one in made]
    last = replace(open_ones[-1], closes_scene=stretch[-1].closes_scene, closes_tale=stretch[-1].closes_tale)
    return (*open_ones[:-1], replace(last, scene=stretch[-1].scene))


def _numbered(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    return tuple(replace(one, index=index) for index, one in enumerate(passages))


def _retold(story: Story, passages: Sequence[Passage], stretch: Sequence[Passage]) -> Story:
    """Return the story with these passages; a scene's mood follows a stretch that is all of it."""
    scenes = []
    for scene in story.scenes:
        mine = tuple(one for one in passages if one.scene == scene.index)
        if mine:
            whole = all(one in stretch for one in mine)
            scenes.append(replace(scene, passages=mine, mood=mine[-1].mood if whole else scene.mood))
    return replace(story, scenes=tuple(scenes))


def with_earlier(tale: Tale, old: Tale) -> Tale:
    """Return the signed version with what made the earlier one too: the stricter of both licences holds."""
    strict = max((old.rights, tale.rights), key=lambda one: _STRICTNESS.index(one.publishable))
    credits_ = tuple(dict.fromkeys((*old.rights.credits, *tale.rights.credits)))
    made_by = replace(tale.made_by, models=old.made_by.models | tale.made_by.models)
    return replace(tale, made_by=made_by, rights=Rights(strict.publishable, strict.why, credits_))
