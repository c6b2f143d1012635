"""Who speaks with which voice."""

from __future__ import annotations

import pytest

from pipeline.errors import Missing
from pipeline.roles import Voice
from pipeline.speaking.cast import cast_of
from pipeline.speaking.voices import blend_of, known_to, read_voices, voice_book
from pipeline.words.story import NARRATOR, Person

VOICES = read_voices()
MIRA, OWL, GIANT = Person("Mira", "hero", "f"), Person("the owl", "helper"), Person("the giant", "other", "m", "giant")


def gender(voice: str) -> str:
    return next(one.gender for one in VOICES if one.id == blend_of(voice)[0][0])


def test_everybody_has_a_voice_of_their_own_that_fits() -> None:
    cast = cast_of([MIRA, OWL, GIANT], VOICES, "en", 7)
    voices = [part.voice for part in cast.parts.values()]
    assert len(set(voices)) == 4
    assert gender(cast.parts["Mira"].voice) == "f"
    assert gender(cast.parts["the giant"].voice) == "m"
    assert cast.parts["the giant"].pitch_semitones < 0 < cast.parts["the owl"].pitch_semitones


def test_the_same_plan_gives_the_same_cast_and_another_seed_another() -> None:
    casts = [cast_of([MIRA, OWL, GIANT], VOICES, "en", seed).names() for seed in (7, 7, *range(8, 14))]
    assert casts[0] == casts[1]
    assert len({tuple(one.values()) for one in casts}) > 1


def test_a_sequel_keeps_its_cast() -> None:
    first = cast_of([MIRA, GIANT], VOICES, "en", 7)
    second = cast_of([OWL, GIANT, MIRA], VOICES, "en", 99, before=first.names())
    assert {name: second.names()[name] for name in first.names()} == first.names()


def test_a_language_with_one_voice_still_tells_people_apart() -> None:
    cast = cast_of([MIRA, OWL, GIANT], VOICES, "fr", 7)
    voices = [part.voice for part in cast.parts.values()]
    assert len(set(voices)) == 4
    assert all(known_to(voice, VOICES) for voice in voices)
    assert all("ff_siwis" in voice for voice in voices)


def test_a_wished_voice_tells_and_an_unknown_one_is_named() -> None:
    assert cast_of([], VOICES, "en", 7, "af_heart").parts[NARRATOR].voice == "af_heart"
    blend = "af_heart:0.5,bm_fable:0.5"
    assert cast_of([], VOICES, "en", 7, blend).parts[NARRATOR].voice == blend
    with pytest.raises(Missing) as missing:
        cast_of([], VOICES, "en", 7, "nobody")
    assert missing.value.fields == {"voice": "nobody"}


def test_a_speaker_nobody_foresaw_keeps_one_voice() -> None:
    cast = cast_of([MIRA], VOICES, "en", 7)
    assert cast.part_of("a stranger") == cast.part_of("a stranger")
    assert cast.part_of("a stranger").voice not in cast.names().values()


def test_no_voice_at_all_is_said() -> None:
    with pytest.raises(Missing):
        cast_of([MIRA], [], "en", 7)


def test_a_language_without_a_voice_borrows_one() -> None:
    only = [Voice("only", "en", "en-GB", "f", "MIT")]
    assert {part.voice for part in cast_of([MIRA, GIANT], only, "de", 7).parts.values()} == {"only"}


def test_every_voice_and_narrator_of_the_table_is_whole() -> None:
    book = voice_book()
    assert {name for names in book.narrators.values() for name in names} - {"thorsten"} <= set(book.voices)
    assert all(voice.locale and voice.licence and voice.gender in {"f", "m"} for voice in VOICES)
    assert len({voice.language for voice in VOICES}) >= 8
