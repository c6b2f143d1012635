"""The voices that ship."""

from __future__ import annotations

import pytest

from pipeline.speaking.voices import VoiceBook, read_voices, voice_book


def test_a_voice_may_be_spoken_as_a_blend_and_keeps_its_name_in_others() -> None:
    book = voice_book()
    assert book.spoken_as("bm_fable") == (("bm_fable", 1.0),)
    assert dict(book.spoken_as("ff_siwis")) == {"ff_siwis": 0.75, "ef_dora": 0.25}
    mixed = dict(book.spoken_as("ff_siwis:0.4,bm_fable:0.6"))
    assert mixed == pytest.approx({"ff_siwis": 0.3, "ef_dora": 0.1, "bm_fable": 0.6})


@pytest.mark.parametrize("voice", [voice.id for voice in read_voices()])
def test_every_voice_is_mixed_of_voices_that_ship_to_one_whole(voice: str) -> None:
    book: VoiceBook = voice_book()
    parts = book.spoken_as(voice)
    assert sum(share for _, share in parts) == pytest.approx(1)
    assert {name for name, _ in parts} <= set(book.voices)
    assert {book.traits(name).model for name, _ in parts} == {book.traits(voice).model}
