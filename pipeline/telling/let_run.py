"""How freely a tale's writer may write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from pipeline.errors import TaleCancelled, TaleError
from pipeline.log import log_of
from pipeline.roles import Writer
from pipeline.shelf.ladder import is_memory_short
from pipeline.telling.scenes import drafts_by, needs_of
from pipeline.telling.studio import Studio
from pipeline.words.mood import Emotion, target_of
from pipeline.words.prompt import Prompt
from pipeline.words.story import Beat, Facts, Plan
from pipeline.writing.forms import forms_of
from pipeline.writing.read_wish import matter_of
from pipeline.writing.reins.asking import FREE, LOOSE, SceneAsker
from pipeline.writing.reins.guards import LEAST_OF_A_LINE, DraftBounds
from pipeline.writing.reins.outline import outlined
from pipeline.writing.titles import titled
from pipeline.writing.tongue import words_in

ARC = (("beginning", Emotion.NEUTRAL), ("trouble", Emotion.FEAR), ("try", Emotion.NEUTRAL), ("turn", Emotion.SURPRISE))
"""The scenes of a writer's own plan with their moods; the last one takes the tale's ending."""
log = log_of("let_run")


def let_run(plan: Plan, prompt: Prompt, studio: Studio, unsafe: Callable[[str], bool]) -> Plan:
    """The plan with as long reins as the writer at hand bears: its frame stays, as outline or as net."""
    for reins in (FREE, LOOSE):
        given = replace(plan, reins=reins)
        try:
            with studio.borrow(Writer, **needs_of(given)) as writer:
                lines = _lines(given, prompt, studio, unsafe, writer) if reins == FREE else None
        except TaleError as error:
            if isinstance(error, TaleCancelled) or is_memory_short(error):
                raise
            continue
        if lines is None and reins == FREE:
            log.warning("plan_failed", frame=plan.shape)
            return plan
        return _freed(given, prompt, lines) if lines else given
    return plan


def _lines(
    plan: Plan, prompt: Prompt, studio: Studio, unsafe: Callable[[str], bool], writer: Writer
) -> list[str] | None:
    plan = replace(plan, facts=_wished(plan))
    people = tuple(one.name for one in (plan.facts.hero, *plan.facts.people))
    known = " ".join((plan.asked, plan.persona, *plan.read.values()))
    bounds = DraftBounds(plan.language, prompt.rating, prompt.words, plan.asked, "", known, people, LEAST_OF_A_LINE)
    draft = drafts_by(writer, studio.check)
    return outlined(SceneAsker(prompt, plan), _hero(plan), plan.ending, bounds, unsafe, plan.seed, draft)


def _hero(plan: Plan) -> str:
    """New to the listener: `a young dragon named Ember`."""
    name, who = plan.facts.hero.name, plan.read.get("who", "")
    if not who or who.lower() == name.lower():
        return name
    return forms_of(plan.language).named.replace("{who}", who).replace("{name}", name)


def _wished(plan: Plan) -> Facts:
    """Without those whom the frame would have brought along."""
    named = {*words_in(plan.asked), *words_in(" ".join(plan.read.values()))}
    hero = {*words_in(plan.facts.hero.name)}
    people = [one for one in plan.facts.people if {*words_in(one.name)} & (named | hero)]
    return replace(plan.facts, people=tuple(people))


def _freed(plan: Plan, prompt: Prompt, lines: list[str]) -> Plan:
    """The frame's first sentence, which knows nothing of the wish; then the writer's own scenes."""
    prelude = plan.beats[0]
    words = max(1, (prompt.words - prelude.words) // len(lines))
    beats = [prelude, *_beats(plan, lines, words)]
    title = titled(matter_of(plan.asked, plan.language).rstrip(" .!?"), plan.language)
    return replace(plan, beats=tuple(beats), facts=_wished(plan), title=title[:1].upper() + title[1:])


def _beats(plan: Plan, lines: list[str], words: int) -> Iterator[Beat]:
    arc = (*ARC, ("end", plan.ending))
    for at, line in enumerate(lines):
        name, emotion = arc[at % len(arc)]
        yield Beat(at + 1, name, target_of(emotion, plan.feeling.mood), words, outline=line)
