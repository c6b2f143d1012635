"""How freely a tale's writer may write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled, TaleError
from pipeline.roles import Ask, Drafter, Needs, Turn, Writer
from pipeline.shelf.ladder import is_memory_short
from pipeline.telling.studio import Studio
from pipeline.words.mood import Emotion, target_of
from pipeline.words.prompt import Prompt
from pipeline.words.story import Beat, Plan
from pipeline.writing.read_wish import matter_of
from pipeline.writing.reins.asking import FREE, LOOSE
from pipeline.writing.reins.outline import chapters_of
from pipeline.writing.titles import titled

ARC = (("beginning", Emotion.NEUTRAL), ("trouble", Emotion.FEAR), ("try", Emotion.NEUTRAL), ("turn", Emotion.SURPRISE))
"""The scenes of a writer's own plan with their moods; the last one takes the tale's ending."""


def let_run(plan: Plan, prompt: Prompt, studio: Studio) -> Plan:
    """The plan with as long reins as the writer at hand bears: its frame stays, as outline or as net.

    Nothing is asked of the writer yet: the first sentence is the frame's, and waits for nobody.
    """
    for reins in (FREE, LOOSE):
        given = replace(plan, reins=reins)
        try:
            with studio.borrow(Writer, **needs_of(given)):
                return _freed(given, prompt) if reins == FREE else given
        except TaleError as error:
            if is_serious(error):
                raise
    return plan


def is_serious(error: TaleError) -> bool:
    """Whether it ends the step, so that it is tried in less memory or not at all; else the frame tells."""
    return isinstance(error, TaleCancelled) or is_memory_short(error)


def needs_of(plan: Plan) -> Needs:
    """Whom a tale of these reins is written by."""
    return {"language": plan.language, "reins": "free" if plan.reins == FREE else "loose"}


def drafts_by(writer: Writer, check: Cancelled) -> Callable[[Turn, Ask, int], Sequence[str]]:
    """So many completions of a turn, side by side where the writer can; each from the same state of its caches."""

    def made(turn: Turn, ask: Ask, count: int) -> list[str]:
        writer.settle(turn.system)
        if isinstance(writer, Drafter):
            return writer.drafts(turn, ask, count, check)
        asks = [replace(ask, seed=ask.seed + nth) for nth in range(count)]
        return ["".join(writer.complete(turn, one, check)) for one in asks]

    return made


def _freed(plan: Plan, prompt: Prompt) -> Plan:
    """The frame's first sentence, which knows nothing of the wish; then room for the writer's own scenes."""
    title = titled(matter_of(plan.asked, plan.language).rstrip(" .!?"), plan.language)
    beats = (plan.beats[0], *_beats(plan, prompt.words))
    return replace(plan, beats=beats, title=title[:1].upper() + title[1:])


def _beats(plan: Plan, words: int) -> Iterator[Beat]:
    """A scene for each line of the plan to come, with the frame's own turns for where none can be told."""
    arc = (*ARC, ("end", plan.ending))
    count = chapters_of(words) * len(arc)
    turns = [turn for beat in plan.beats[1:] for turn in beat.turns]
    share = max(1, (words - plan.beats[0].words) // count)
    for at in range(count):
        name, emotion = arc[at % len(arc)]
        mine = turns[at * len(turns) // count : (at + 1) * len(turns) // count]
        yield Beat(at + 1, name, target_of(emotion, plan.feeling.mood), share, tuple(mine))
