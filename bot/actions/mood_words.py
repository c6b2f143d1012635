"""The words that moved a wish's mood.

The executor weighs them; what it is asked, and what it answers, holds a member's words. So the job's id follows from
the tale's, which an erase finds, and nothing of the job stays once it is answered.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

from bot.actions.errands import Errands
from bot.delivery.message_layout import length_of
from bot.gate.gate import Floods
from bot.library.records import KeptTale
from bot.privacy.store import weighing_of
from bot.ui.escape import shown
from bot.ui.mood_style import name_of
from bot.wording import said
from pipeline.errors import Refused, TaleError
from pipeline.log import log_of
from pipeline.words.answer import Explained
from pipeline.words.mood import Emotion, Evidence, Feeling, Mood
from pipeline.words.request import Asked, Explain
from pipeline.words.tale import Tale

WITHIN_S = 60.0
"""Longest wait; then the moods are shown without their words: the executor may be in the middle of a long tale."""
MOST_CHARS = 600
"""Characters of a wish that are weighed: the text is read once without each word, while nobody else is served."""
MOST_ASKED, ASKED_WITHIN_S = 6, 600.0
"""Tales whose words are weighed for one member within so many seconds."""
AT_ONCE = 2
REMEMBERED = 64
"""Tales whose words are remembered, in memory alone."""
log = log_of("why")
Words = tuple[Evidence, ...]


_NAMED = 3
_ASKED = "asked"


@dataclass(frozen=True)
class Weighing:
    """One job for each tale, however many ask; () where the executor has no time for it."""

    errands: Errands
    clock: Callable[[], float] = time.monotonic
    shares: Floods = field(default_factory=lambda: Floods(MOST_ASKED, ASKED_WITHIN_S))
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _known: OrderedDict[str, Words] = field(default_factory=OrderedDict)
    _under_way: dict[str, asyncio.Task[Words]] = field(default_factory=dict)

    async def words(self, tale: KeptTale, story: Tale, member: str) -> Words:
        """Return the wish's words, the strongest first; asked for by this member."""
        if tale.id in self._known:
            return self._known[tale.id]
        if tale.id not in self._under_way:
            try:
                # Only who starts a job pays for it; the others share its answer.
                self.shares.hold(member, self.clock())
            except Refused:
                return ()
            task = asyncio.create_task(self._weighed(tale, story, member), name=f"why {tale.id}")
            self._under_way[tale.id] = task
            task.add_done_callback(lambda _: self._under_way.pop(tale.id, None))
        task = self._under_way[tale.id]
        await asyncio.wait({task})  # awaiting it directly, one cancelled caller would cancel it for all
        return () if task.cancelled() else task.result()

    def forget(self, tales: Iterable[str]) -> None:
        """Drop all about tales that are about to be erased."""
        for tale in tales:
            self._known.pop(tale, None)
            if (task := self._under_way.get(tale)) is not None:
                task.cancel()

    async def close(self) -> None:
        """Cancel what is under way and erase its traces."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _weighed(self, tale: KeptTale, story: Tale, member: str) -> Words:
        job, plan = weighing_of(tale.id), story.plan
        text = (plan.asked or story.prompt.text)[:MOST_CHARS]
        asked = Asked(job, Explain(text, plan.language), tale.server, member)
        try:
            async with asyncio.timeout(WITHIN_S), self.room:
                told = await self.errands.answered(asked, Explained)
        except (TaleError, TimeoutError) as error:
            log.info("mood_words_failed", why=repr(error)[:200])
            return ()
        words = tuple(one for one in told.feeling.evidence if one.kind == "word")
        self._known[tale.id] = words
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return words


Weigh = Callable[[], Awaitable[Words]]
"""Weighs a wish's words; called only where the tale has no evidence of its own."""


async def told_why(weigh: Weigh, story: Tale, locale: str, *, spoke: bool = True) -> str:
    """Return the moods with their shares and reasons; a voice's only to its speaker, where nobody else spoke."""
    feeling = story.plan.feeling
    if feeling.rule != _ASKED and not any(one.kind == "word" for one in feeling.evidence):
        feeling = replace(feeling, evidence=(*await weigh(), *feeling.evidence))
    if feeling.voice is None or spoke:
        return _told(feeling, locale)
    return f"{_told(_of_words(feeling), locale)}\n{said('delivery.why.private', locale)}"


def _of_words(feeling: Feeling) -> Feeling:
    words = feeling.words or Mood.of({Emotion.NEUTRAL: 1.0}, certainty=0.0)
    return Feeling(words, words, None, "words", tuple(one for one in feeling.evidence if one.kind == "word"))


def _told(feeling: Feeling, locale: str) -> str:
    return "\n".join([f"**{_shares(feeling.mood, locale)}**", *_reasons(feeling, locale)])


def _shares(mood: Mood, locale: str) -> str:
    ranked = sorted(mood.weights.items(), key=lambda one: -one[1])
    return " · ".join(
        f"{name_of(emotion, locale)} {share:.0%}".replace("%", " %") for emotion, share in ranked[:_NAMED]
    )


def _reasons(feeling: Feeling, locale: str) -> list[str]:
    if feeling.rule == _ASKED:
        return [said("delivery.why.asked", locale)]
    words = [one.what for one in feeling.evidence if one.kind == "word" and one.weight > 0][:_NAMED]
    voice = next((one for one in feeling.evidence if one.kind == "voice" and one.weight > 0), None)
    told = [said("delivery.why.words", locale, words=", ".join(f"“{shown(word)}”" for word in words))] if words else []
    if voice and voice.start_s is not None and voice.end_s is not None:
        span = {"start": length_of(voice.start_s), "end": length_of(voice.end_s)}
        told.append(said("delivery.why.voice", locale, **span))
    return told or [said("delivery.why.unsure", locale)]
