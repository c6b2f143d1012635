"""A line as what a narrator is handed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.roles import Delivery
from pipeline.speaking.acting import Played, after_s
from pipeline.speaking.cast import Part
from pipeline.speaking.interjections import interjection, parted
from pipeline.speaking.scripts import runs
from pipeline.speaking.sentences import most_chars, sentences, within
from pipeline.speaking.spoken import Said, speakable, spoken
from pipeline.speaking.tongues import tongue
from pipeline.words.mood import Mood

_LEAST_CHARS = 45
"""Shorter sentences are spoken in one breath with their neighbour: models read them better so."""


@dataclass(frozen=True)
class Breath:
    """One thing to say in one go."""

    said: tuple[Said, ...]
    delivery: Delivery
    after_s: float
    """Silence behind it where the line goes on."""

    @property
    def text(self) -> str:
        """What the narrator gets."""
        return " ".join(one.spoken for one in self.said if one.spoken)


def breaths_of(
    text: str, part: Part, played: Played, language: str, seed: int, mood: Mood, say_as: Mapping[str, str]
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
    """(language, piece) in order, marked sounds as what is said for them."""
    for tag, words in parted(text):
        for own, run in runs(interjection(tag, language) if tag else words, language):
            for piece in _pieces(run, own):
                yield own, piece


def _pieces(text: str, language: str) -> list[str]:
    """Sentences, short ones joined, long ones cut."""
    most = most_chars(language)
    joined: list[str] = []
    for sentence in sentences(text, tongue(language).stopped):
        glue = joined and min(len(joined[-1]), len(sentence)) < _LEAST_CHARS and len(joined[-1]) + len(sentence) < most
        if glue:
            joined[-1] = f"{joined[-1]} {sentence}"
        else:
            joined.append(sentence)
    return [piece for sentence in joined for piece in within(sentence, most)]


def _delivery(part: Part, played: Played, language: str, seed: int, mood: Mood) -> Delivery:
    return Delivery(
        voice=part.voice,
        language=language,
        pace=round(part.pace * played.pace, 4),
        pitch_semitones=round(part.pitch_semitones + played.pitch_semitones, 4),
        energy_db=round(played.energy_db, 4),
        seed=seed,
        mood=mood,
    )
