"""Changes to a told tale."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.gate.caller import Asker
from bot.gate.word_filter import hold_out_of_danger, hold_to_words
from bot.library.records import WEB, KeptTale, TaleState
from bot.pools import Pool
from bot.request_tale.request import door_rules
from bot.tracker.tale_tracker import TaleRequest
from pipeline.errors import Missing, Refused
from pipeline.words.mood import Emotion
from pipeline.words.prompt import Change, Edit, Prompt
from pipeline.words.tale import Tale

if TYPE_CHECKING:
    from bot.gate.gate import Gate
    from bot.library.library import Library

MOST_OWN_CHARS = 2_000
HOWS: dict[str, tuple[Edit, Emotion | None]] = {
    "sadder": (Edit.FEEL, Emotion.SADNESS),
    "happier": (Edit.FEEL, Emotion.JOY),
    "scarier": (Edit.FEEL, Emotion.FEAR),
    "angrier": (Edit.FEEL, Emotion.ANGER),
    "calmer": (Edit.FEEL, Emotion.NEUTRAL),
    "shorter": (Edit.SHORTER, None),
    "voice": (Edit.VOICE, None),
    "words": (Edit.WORDS, None),
    "again": (Edit.AGAIN, None),
}
"""What may be done to a line or a scene."""


@dataclass(frozen=True)
class EditWish:
    """What somebody wants changed: one line, or one whole scene."""

    how: str
    """One of HOWS."""
    line: int | None = None
    scene: int | None = None
    words: str = ""
    voice: str = ""


@dataclass(frozen=True)
class Editing:
    """What an edit is checked by."""

    library: Library
    gate: Gate
    reading: Pool
    """Threads that filter words."""


async def edit_of(at: Editing, asker: Asker, tale: KeptTale, story: Tale, wish: EditWish) -> TaleRequest:
    """Return the request for a changed version; raises Refused with what to say instead."""
    library, rules = at.library, await at.library.servers.of(asker.server)
    if asker.channel == WEB:
        rules = door_rules(rules)
    if tale.state not in (TaleState.DONE, TaleState.EARLIER):
        raise Refused("edit_open")
    how, mood = HOWS[wish.how]
    first, last = _stretch(story, wish)
    words = wish.words.strip()[:MOST_OWN_CHARS] if how is Edit.WORDS else ""
    missing = {Edit.WORDS: not words, Edit.VOICE: not wish.voice}.get(how, False)
    if missing:
        raise Refused("edit_needs", what=how.value)
    await at.reading.run(hold_out_of_danger, words, asker.locale)
    size = sum(len(one.text.split()) for one in story.story.passages[first : last + 1])
    await at.gate.admit(asker, rules, max(size, len(words.split())), library.tales.clock())
    await at.reading.run(hold_to_words, words, rules, tale.prompt.rating)
    prompt = await _with_its_voice(library, tale.prompt, how)
    assert tale.artifact is not None, "its story was read"
    number = len(await versions_of(library, tale))
    change = Change(tale.artifact, first, last, how, number, size, mood, words, wish.voice if how is Edit.VOICE else "")
    delivery = replace(tale.delivery, webhook="", locale=asker.locale)
    return TaleRequest(
        uuid.uuid4().hex, tale.server, asker.channel, tale.member, replace(prompt, change=change), delivery,
        first=tale.first or tale.id,
    )  # fmt: skip


def _stretch(story: Tale, wish: EditWish) -> tuple[int, int]:
    """Return the first and the last passage that is meant. Raises Refused `edit_nowhere` or `edit_needs`."""
    passages = story.story.passages
    if (wish.line is None) == (wish.scene is None):
        raise Refused("edit_needs", what="line / scene")
    mine = [one.index for one in passages if wish.line in (None, one.index) and wish.scene in (None, one.scene)]
    if not mine:
        raise Refused("edit_nowhere", last=len(passages) - 1)
    return mine[0], mine[-1]


async def _with_its_voice(library: Library, prompt: Prompt, how: Edit) -> Prompt:
    """Return the wish, if its learnt voice is still lent. Raises Refused `edit_voice_gone`."""
    if prompt.learnt is None:
        return prompt
    if any(one.learnt == prompt.learnt for one in await library.voices.every()):
        return prompt
    if how is Edit.VOICE:
        return replace(prompt, voice=None, learnt=None)
    raise Refused("edit_voice_gone")


async def versions_of(library: Library, tale: KeptTale) -> list[KeptTale]:
    """Return all versions that can be heard or are being made, the first one first."""
    states = (TaleState.DONE, TaleState.EARLIER, TaleState.OPEN)
    return [one for one in await library.tales.versions(tale) if one.state in states]


async def earlier_version(library: Library, tale: KeptTale) -> KeptTale:
    """Bring back the version before the one that is shown. Raises Refused `edit_first` or `edit_open`."""
    every = await versions_of(library, tale)
    if any(one.state is TaleState.OPEN for one in every):
        raise Refused("edit_open")
    shown = next((at for at, one in enumerate(every) if one.state is TaleState.DONE), None)
    if shown is None:
        raise Missing("tale_gone")
    if shown == 0:
        raise Refused("edit_first")
    return await library.tales.change(every[shown - 1].id, state=TaleState.DONE)
