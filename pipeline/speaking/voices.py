"""The voices that ship."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain

from pipeline.places import DATA
from pipeline.roles import Voice
from pipeline.tables import by_key, by_language, read_table


@dataclass(frozen=True)
class Traits:
    """One stock voice of data/voices.toml; a voice without an entry has the defaults."""

    model: str = ""
    """Who speaks with it, by id in data/models.toml."""
    locale: str = ""
    gender: str = ""
    """`f`, `m` or empty."""
    licence: str = ""
    grade: float = 0.5
    """0..1: how clear and steady it is."""
    age: str = "grown"
    """`child`, `young`, `grown`, `old`."""
    pace: float = 1.0
    """Its speed at which it reads as fast as the others."""
    pitch_hz: float = 0.0
    """Its usual pitch; 0 where it was not measured."""
    kept_hz: float = 0.0
    """The same as its model counts, to which every line is drawn; 0 where it was not measured."""
    spoken_as: str = ""
    """The blend that its model speaks for it, where listeners understand that better; else "", the voice alone."""


@dataclass(frozen=True)
class CharacterType:
    """What kind of person asks for what voice."""

    gender: str = ""
    ages: tuple[str, ...] = ()
    pitch_semitones: float = 0.0
    pace: float = 1.0
    names: tuple[str, ...] = ()
    """Beginnings of words in a name that tell the kind: `owl`, `giant`."""


@dataclass(frozen=True)
class VoiceBook:
    """data/voices.toml, with what the languages add."""

    voices: dict[str, Traits] = field(default_factory=dict)
    figures: dict[str, CharacterType] = field(default_factory=dict)
    narrators: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By language, best first."""

    def traits(self, voice: str) -> Traits:
        """Return what is known of one voice."""
        return self.voices.get(voice, Traits())

    def pace(self, voice: str) -> float:
        """Return the pace of a voice or a blend."""
        parts = blend_of(voice)
        return sum(self.traits(name).pace * share for name, share in parts)

    def spoken_as(self, voice: str) -> tuple[tuple[str, float], ...]:
        """Return (voice id, share) of all that is mixed for a voice or a blend."""
        return tuple(
            (name, share * part)
            for whole, share in blend_of(voice)
            for name, part in blend_of(self.traits(whole).spoken_as or whole)
        )


@dataclass(frozen=True)
class _Speakers:
    """Of a file data/languages/<code>/voices.toml."""

    narrators: tuple[str, ...] = ()
    figures: dict[str, tuple[str, ...]] = field(default_factory=dict)
    accent: str = ""
    espeak: dict[str, str] = field(default_factory=dict)


@cache
def espeak_dialects() -> dict[str, str]:
    """Return what espeak calls each locale, of all languages."""
    return {locale: name for one in by_language("voices", _Speakers).values() for locale, name in one.espeak.items()}


@cache
def accents() -> dict[str, str]:
    """Return, by language, the locale of voices that have none of their own."""
    spoken = {code: one for code, one in by_language("voices", _Speakers).items() if one.espeak}
    return {code: one.accent or next(iter(one.espeak)) for code, one in spoken.items()}


@cache
def voice_book() -> VoiceBook:
    """Read the voices that ship, who narrates in each language, and the words that tell what kind somebody is."""
    book, languages = read_table(DATA / "voices.toml", VoiceBook), by_language("voices", _Speakers)
    told = by_key({code: one.figures for code, one in languages.items()})
    words = {kind: tuple(chain(*by_code.values())) for kind, by_code in told.items()}
    figures = {kind: replace(one, names=words.get(kind, ())) for kind, one in book.figures.items()}
    narrators = {code: one.narrators for code, one in languages.items() if one.narrators}
    return replace(book, figures=figures, narrators=narrators)


def read_voices() -> tuple[Voice, ...]:
    """Read all stock voices, whether their model is here or not."""
    book = voice_book().voices.items()
    return tuple(Voice(name, one.locale[:2], one.locale, one.gender, one.licence) for name, one in book)


def blend_of(voice: str) -> tuple[tuple[str, float], ...]:
    """Parse `bm_fable` or `bm_fable:0.7,bf_emma:0.3` into (voice id, share); the shares sum to one."""
    parts = [(name.strip(), float(share or 1)) for name, _, share in (part.partition(":") for part in voice.split(","))]
    total = sum(share for _, share in parts) or 1.0
    return tuple((name, share / total) for name, share in parts)


def known_to(voice: str, voices: Sequence[Voice]) -> bool:
    """Whether a narrator that offers `voices` can speak with this one, blends included."""
    ids = {one.id for one in voices}
    return all(name in ids for name, _ in blend_of(voice))
