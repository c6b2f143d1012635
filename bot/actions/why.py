"""Why a mood was read, to its asker."""

from __future__ import annotations

from dataclasses import replace

from bot.actions.mood_words import Weigh
from bot.delivery.message_layout import length_of
from bot.ui.escape import shown
from bot.ui.mood_style import name_of
from bot.wording import said
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.tale import Tale

_NAMED = 3
_ASKED = "asked"


async def told_why(weigh: Weigh, story: Tale, locale: str, *, spoke: bool = True) -> str:
    """The moods with their shares, and what moved them; of a voice only to who spoke, and nobody besides them did."""
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
