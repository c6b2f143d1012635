"""Cuts a line into what a narrator speaks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby

from pipeline.roles import Delivery
from pipeline.speaking.acting import Played, after_s
from pipeline.speaking.cast import SpeakerVoice
from pipeline.speaking.sentences import sentences, within
from pipeline.speaking.spoken import SpokenWord, speakable, spoken
from pipeline.speaking.tongues import tongue
from pipeline.tables import FALLBACK, all_languages, by_key, by_language, codes_with
from pipeline.words.mood import Mood

_LEAST_CHARS = 45
"""Shorter sentences are spoken in one breath with their neighbour: models read them better so."""
TAG = re.compile(r"\[([a-z]{2,20})\]|\*(laughs?|sighs?|gasps?|sobs?|chuckles?|coughs?)\*", re.IGNORECASE)
_LATIN = "LATIN"


@dataclass(frozen=True)
class Breath:
    """What a narrator speaks in one go."""

    said: tuple[SpokenWord, ...]
    delivery: Delivery
    after_s: float
    """Silence after it, where the line goes on."""

    @property
    def text(self) -> str:
        """The words that the narrator is given."""
        return " ".join(one.spoken for one in self.said if one.spoken)


def breaths_of(
    text: str, part: SpeakerVoice, played: Played, language: str, seed: int, mood: Mood, say_as: Mapping[str, str]
) -> tuple[Breath, ...]:
    """The line in breaths within the narrator's reach; empty where nothing can be spoken."""
    found: list[Breath] = []
    for own, piece in _stretches(text, language):
        said = spoken(piece, own, say_as)
        if speakable(piece) and any(one.spoken for one in said):
            delivery = _delivery(part, played, own, seed + len(found), mood)
            found.append(Breath(said, delivery, after_s(piece)))
    return tuple(found)


def _stretches(text: str, language: str) -> Iterator[tuple[str, str]]:
    """(language, piece) in order; a marked sound becomes the word that is said for it."""
    for tag, words in parted(text):
        for own, run in runs(interjection(tag, language) if tag else words, language):
            for piece in _pieces(run, own):
                yield own, piece


def _pieces(text: str, language: str) -> list[str]:
    """Sentences, short ones joined, long ones cut."""
    most = tongue(language).most_chars
    joined: list[str] = []
    for sentence in sentences(text, tongue(language).stopped):
        glue = joined and min(len(joined[-1]), len(sentence)) < _LEAST_CHARS and len(joined[-1]) + len(sentence) < most
        if glue:
            joined[-1] = f"{joined[-1]} {sentence}"
        else:
            joined.append(sentence)
    return [piece for sentence in joined for piece in within(sentence, most)]


def _delivery(part: SpeakerVoice, played: Played, language: str, seed: int, mood: Mood) -> Delivery:
    return Delivery(
        voice=part.voice,
        language=language,
        pace=round(part.pace * played.pace, 4),
        pitch_semitones=round(part.pitch_semitones + played.pitch_semitones, 4),
        energy_db=round(played.energy_db, 4),
        seed=seed,
        mood=mood,
    )


def parted(text: str) -> tuple[tuple[str, str], ...]:
    """The text as ("", words) and (tag, "") in order; a bracketed word that is no sound is left out, never read."""
    parts: list[tuple[str, str]] = []
    since = 0
    for tag in TAG.finditer(text):
        parts.append(("", text[since : tag.start()].strip()))
        name = (tag.group(1) or tag.group(2)).casefold()
        parts.append((name if name in _sounds() else name.removesuffix("s"), ""))
        since = tag.end()
    parts.append(("", text[since:].strip()))
    return tuple((name, words) for name, words in parts if words or name in _sounds())


@dataclass(frozen=True)
class _Sounds:
    """The interjections in a file data/languages/<code>/sounds.toml."""

    interjections: dict[str, str] = field(default_factory=dict)


def interjection(name: str, language: str) -> str:
    """What a voice says where no model can make the sound itself; empty for a sound nobody knows."""
    said = _sounds().get(name, {})
    return said.get(language, said.get(FALLBACK, ""))


@cache
def _sounds() -> dict[str, dict[str, str]]:
    return by_key({code: one.interjections for code, one in by_language("sounds", _Sounds).items()})


def runs(text: str, language: str) -> tuple[tuple[str, str], ...]:
    """(language, stretch) in order: a stretch in another script is another language, the rest is the tale's own."""
    present = {language, *(_by_script().get(_script(char), "") for char in text)}
    words = [(_language(word, language, present), word) for word in text.split()]
    stretches = groupby(words, key=lambda pair: pair[0])
    return tuple((tongue, " ".join(word for _, word in some)) for tongue, some in stretches)


def _language(word: str, language: str, present: set[str]) -> str:
    """The word's language by its script; one that shares the script is believed where its own letters stand nearby."""
    scripts = [script for char in word if (script := _script(char))]
    found = next((_by_script()[script] for script in scripts if script in _by_script()), None)
    if found is not None:
        shares = all_languages().shared.get(found, "")
        return shares if shares and shares in present else found
    if scripts and language in _by_script().values() and all(script == _LATIN for script in scripts):
        return FALLBACK
    return language


@cache
def _by_script() -> dict[str, str]:
    """Scripts whose language is spoken here."""
    return {script: code for script, code in all_languages().scripts.items() if code in codes_with("voices")}


def _script(char: str) -> str:
    return unicodedata.name(char, "").split(" ", 1)[0].split("-")[0] if char.isalpha() else ""
