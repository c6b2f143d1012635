"""Chooses a voice for every speaker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.errors import Missing
from pipeline.roles import Voice
from pipeline.speaking.voices import CharacterType, VoiceBook, known_to, voice_book
from pipeline.words.story import NARRATOR, Person

BLEND = 0.6
"""Share of the language's own voice where another gives its colour."""


@dataclass(frozen=True)
class SpeakerVoice:
    """One speaker's voice."""

    voice: str
    """A voice id, or ids with shares."""
    pitch_semitones: float = 0.0
    """Added in every line, for the kind of figure: a giant is deeper, a mouse higher."""
    pace: float = 1.0
    """Makes all voices read equally fast, times what the kind of figure asks for."""


@dataclass(frozen=True)
class Cast:
    """The voices of one tale; the same plan gives the same cast, and a sequel keeps it."""

    parts: Mapping[str, SpeakerVoice]
    spare: tuple[SpeakerVoice, ...] = ()
    """Voices for speakers that the plan does not name."""

    def part_of(self, speaker: str) -> SpeakerVoice:
        """Return the speaker's voice; one that the plan does not name gets the same spare voice every time."""
        # By a hash of the name, not in order of appearance: passages may be spoken in any order.
        if speaker in self.parts or not self.spare:
            return self.parts.get(speaker, self.parts[NARRATOR])
        return self.spare[_number(speaker) % len(self.spare)]

    def names(self) -> dict[str, str]:
        """Return each character's voice, for the story and its sequels."""
        return {name: part.voice for name, part in self.parts.items()}


def cast_of(
    people: Sequence[Person],
    voices: Sequence[Voice],
    language: str,
    seed: int,
    wished: str | None = None,
    before: Mapping[str, str] | None = None,
    book: VoiceBook | None = None,
) -> Cast:
    """Choose a narrator and a voice for each person, as unlike as possible; raises Missing `voice_unknown`."""
    book = book or voice_book()
    own = [voice for voice in voices if voice.language == language] or list(voices)
    if not own:
        raise Missing("language_unspoken", language=language)
    kept = {name: voice for name, voice in (before or {}).items() if known_to(voice, voices)}
    narrator = _narrator(own, voices, language, wished or kept.get(NARRATOR), book)
    parts = {NARRATOR: SpeakerVoice(narrator, 0.0, book.pace(narrator))}
    taken = [narrator, *kept.values()]
    for person in people:
        figure = figure_of(person, book)
        voice = kept.get(person.name) or _chosen(person, figure, own, voices, taken, seed, book)
        taken.append(voice)
        parts.setdefault(person.name, SpeakerVoice(voice, figure.pitch_semitones, book.pace(voice) * figure.pace))
    loose = [voice.id for voice in _ranked(own, "", (), book, seed, "spare") if voice.id not in taken]
    spare = [SpeakerVoice(voice, 0.0, book.pace(voice)) for voice in loose[:4]]
    # With no voice to spare, a stranger speaks a semitone above the narrator, so that the two can be told apart.
    return Cast(parts, tuple(spare) or (SpeakerVoice(narrator, 1.0, book.pace(narrator)),))


def figure_of(person: Person, book: VoiceBook) -> CharacterType:
    """Return the type of a person by their kind, else by a word in their name; their gender counts where known."""
    words = person.name.casefold().split()
    named = (one for one in book.figures.values() if any(word.startswith(stem) for word in words for stem in one.names))
    figure = book.figures.get(person.kind) or next(named, CharacterType())
    gender = person.gender or figure.gender
    return CharacterType(gender, figure.ages, figure.pitch_semitones, figure.pace)


def _narrator(own: Sequence[Voice], voices: Sequence[Voice], language: str, wished: str | None, book: VoiceBook) -> str:
    if wished:
        if not known_to(wished, voices):
            raise Missing("voice_unknown", voice=wished)
        return wished
    ids = {voice.id for voice in own}
    best = next((name for name in book.narrators.get(language, ()) if name in ids), None)
    return best or _ranked(own, "", (), book, 0, "narrator")[0].id


def _chosen(
    person: Person,
    figure: CharacterType,
    own: Sequence[Voice],
    voices: Sequence[Voice],
    taken: Sequence[str],
    seed: int,
    book: VoiceBook,
) -> str:
    """Return a free voice of the language; where there is none, its best one blended with a free voice of another."""
    gender = figure.gender or ("f" if _number(f"{seed}:{person.name}") % 2 else "m")
    free = [voice for voice in own if voice.id not in taken and voice.gender in {gender, ""}]
    if free:
        return _ranked(free, gender, figure.ages, book, seed, person.name)[0].id
    base = _ranked(own, gender, figure.ages, book, seed, person.name)[0].id
    used = " ".join(taken)  # a blend names two voices in one string, and both are used
    strangers = [voice for voice in voices if voice.gender == gender and voice.id not in used and voice not in own]
    if not strangers:
        return base
    colour = _ranked(strangers, gender, figure.ages, book, seed, person.name)[0].id
    # Where the base has the wrong gender, the stranger's colour must outweigh it.
    share = BLEND if any(voice.id == base and voice.gender == gender for voice in own) else 1 - BLEND
    return f"{base}:{share:.1f},{colour}:{1 - share:.1f}"


def _ranked(
    voices: Iterable[Voice], gender: str, ages: Sequence[str], book: VoiceBook, seed: int, name: str
) -> list[Voice]:
    """Rank voices: fitting ones first, then clear ones; among near equals the seed decides, so that casts differ."""

    def rank(voice: Voice) -> tuple[bool, bool, float]:
        traits = book.traits(voice.id)
        wander = _number(f"{seed}:{name}:{voice.id}") % 1000 / 4000
        return (bool(gender) and voice.gender != gender, bool(ages) and traits.age not in ages, -traits.grade - wander)

    return sorted(voices, key=rank)


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")
