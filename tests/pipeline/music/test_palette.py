"""How a mood sounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import Missing, Refused
from pipeline.music.figures import read_figures
from pipeline.music.palette import blended, programs_of, read_palettes
from pipeline.music.soundfont import PROGRAMS
from pipeline.music.synth import TEXTURES
from pipeline.places import DATA
from pipeline.words.mood import Emotion, Mood


def test_every_palette_names_patterns_textures_and_instruments_that_exist() -> None:
    figures = read_figures()
    for palette in read_palettes().values():
        assert palette.figure_pattern in figures.figures
        assert palette.bass_pattern in figures.basses
        assert palette.drums in figures.drums
        assert palette.texture in {*TEXTURES, "none"}
        assert {*palette.pad, *palette.figure, *palette.bass, *palette.lead} <= set(PROGRAMS)


def test_a_cheerful_prompt_is_an_upbeat_acoustic_guitar_in_major_at_120() -> None:
    joy = read_palettes()[Emotion.JOY]
    assert (joy.modes, joy.bpm[1], joy.figure[0], joy.bass[0]) == (("ionian",), 120, 25, 32)


def test_a_mixed_mood_lies_between_its_feelings() -> None:
    palettes = read_palettes()
    mixed = blended(palettes, Mood.of({Emotion.SADNESS: 0.6, Emotion.ANGER: 0.4}))
    sadness, anger = palettes[Emotion.SADNESS], palettes[Emotion.ANGER]
    assert sadness.gain_db < mixed.gain_db < anger.gain_db
    assert sadness.bpm[1] < mixed.bpm[1] <= sadness.bpm[2]
    assert mixed.modes == sadness.modes


def test_players_stay_through_a_tale_and_differ_between_tales() -> None:
    palette = read_palettes()[Emotion.JOY]
    assert programs_of(palette, "1") == programs_of(palette, "1")
    assert len({tuple(programs_of(palette, str(seed)).items()) for seed in range(30)}) > 3


def test_a_broken_table_is_refused_with_file_and_key(tmp_path: Path) -> None:
    broken = tmp_path / "moods.toml"
    whole = (DATA / "moods.toml").read_text(encoding="utf-8")
    broken.write_text(whole.replace('modes = ["lydian"]', 'modes = ["locrian"]'), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_palettes(broken)
    assert refused.value.fields["key"] == "surprise.music.modes"
    broken.write_text(whole.replace("velocity = 104", 'velocity = "loud"'), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_palettes(broken)
    assert "velocity" in refused.value.fields["key"]
    with pytest.raises(Missing):
        read_palettes(tmp_path / "absent.toml")
