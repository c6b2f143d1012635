"""The whole product on one page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipeline.telling.ahead import Ahead
from pipeline.telling.checked import checked
from pipeline.telling.compose import Cued, compose, intro
from pipeline.telling.edit import changed
from pipeline.telling.feel import feel
from pipeline.telling.hear import hear
from pipeline.telling.illustrate import with_pictures
from pipeline.telling.mix import bind, mix
from pipeline.telling.narrate import narrate, speak_early
from pipeline.telling.plan import plan
from pipeline.telling.rate import rate, rated
from pipeline.telling.reread import Rereading
from pipeline.telling.retold import retold
from pipeline.telling.studio import Studio
from pipeline.telling.write import story_of, write
from pipeline.words.event import Event
from pipeline.words.prompt import Order, Prompt
from pipeline.words.story import Passage
from pipeline.words.tale import Tale
from pipeline.words.timeline import Timeline


def tell(prompt: Prompt, studio: Studio) -> Tale:
    """Tell a tale: its passages flow one by one, or stage by stage where models must be swapped."""
    prompt = checked(prompt)
    if prompt.change is not None:
        return changed(prompt, prompt.change, studio)
    prompt = retold(prompt, studio)
    timeline = Timeline()

    def say(event: Event) -> None:
        nonlocal timeline
        timeline = timeline.after(event)
        studio.say(event)

    at_work = replace(studio, say=say)
    transcript = hear(prompt, at_work)
    rate(prompt, transcript, at_work)  # before anything is made: harm is refused, and danger gets help
    feeling = feel(prompt, transcript, at_work)
    ahead = Ahead(wanted=prompt.order is Order.FLOW and not prompt.words_only)

    # The first sentence knows nothing of the wish, so it is spoken while the wish is still being read.
    def opened(passage: Passage, language: str) -> None:
        ahead.open(lambda: (passage, speak_early(prompt, feeling, passage, language, at_work)))

    planned = plan(prompt, transcript, feeling, at_work, opened)
    if not prompt.words_only:
        intro(planned, at_work)
    # All of a stage at once where each model must be loaded in its turn; else passage by passage, to be heard soon.
    walk = list if prompt.order is Order.LIST else iter
    reread = Rereading(planned, at_work)
    passages = reread.following(write(prompt, planned, rated(prompt, at_work), ahead))
    if prompt.words_only:
        bound = bind(prompt, planned, reread.marked(story_of(planned, tuple(passages))), at_work)
        return with_pictures(prompt, bound, at_work)
    told = narrate(prompt, planned, walk(passages), at_work, ahead)
    cued = tuple(compose(planned, walk(told), at_work, with_effects=prompt.effects))
    story = reread.marked(story_of(planned, tuple(one.passage for one in cued)))
    mixed = mix(prompt, planned, replace(story, cast=_cast(cued)), timeline, at_work)
    return with_pictures(prompt, mixed, at_work)


def _cast(cued: Iterable[Cued]) -> dict[str, str]:
    """Return each speaker's voice."""
    return {line.speaker: line.voice for one in cued for line in one.spoken.lines}
