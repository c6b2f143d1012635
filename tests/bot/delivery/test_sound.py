"""A tale's sound in every size and shape."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from bot.delivery.fit import cuts, fitted
from bot.delivery.transcript import transcripts
from bot.delivery.voice_message import POINTS, spoken
from pipeline.audio import container
from pipeline.audio.captions import Shown, webvtt
from pipeline.audio.decode import blocks_of
from pipeline.errors import Refused
from pipeline.words.folding import slug
from pipeline.words.mood import Emotion, Mood
from pipeline.words.story import Line
from pipeline.words.tale import Tale
from tests.pipeline.audio.making import Made, made, mixed

WHOLE_S = 8.0


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Tale]:
    """Four passages in two scenes."""
    tale = made(tmp_path_factory.mktemp("sounds"), lengths_s=(2.0, 1.5, 1.5, 1.0), vamp_s=1.0)
    return tale, mixed(tale)


def samples(path: Path) -> int:
    """Decoded."""
    return sum(map(len, blocks_of(path)))


def test_a_sound_that_fits_is_one_file_with_its_title(sounds: tuple[Made, Tale], tmp_path: Path) -> None:
    keep, tale = sounds[0].keep, sounds[1]
    (part,) = fitted(tale, keep.path(tale.master.audio), tmp_path, 10 << 20)
    assert part.name == "the-night.mp3"
    with av.open(str(part.path)) as file:
        assert file.metadata["title"] == "The night"


def test_a_sound_too_long_becomes_parts_cut_at_joins_and_nothing_is_lost(
    sounds: tuple[Made, Tale], tmp_path: Path
) -> None:
    keep, tale = sounds[0].keep, sounds[1]
    limit = 40_000
    parts = fitted(tale, keep.path(tale.master.audio), tmp_path, limit)
    assert len(parts) > 1
    assert all(part.path.stat().st_size <= limit for part in parts)
    joins = {placed.start for placed in tale.timeline.placed}
    edges = cuts(tale.timeline, tale.master.samples, len(parts))
    assert set(edges[1:-1]) <= joins
    assert [round(part.seconds * 48_000) for part in parts] == [end - start for start, end in pairwise(edges)]
    assert sum(samples(part.path) for part in parts) == pytest.approx(tale.master.samples, abs=2_400 * len(parts))
    assert {path.suffix for path in tmp_path.iterdir()} == {".mp3"}


def test_what_fits_nowhere_is_refused(sounds: tuple[Made, Tale], tmp_path: Path) -> None:
    keep, tale = sounds[0].keep, sounds[1]
    with pytest.raises(Refused, match="sound_over_limit"):
        fitted(tale, keep.path(tale.master.audio), tmp_path, 1_000)


def test_what_is_lossless_and_too_large_is_encoded_once(
    sounds: tuple[Made, Tale], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, tale, encoded = sounds[0].keep, sounds[1], []
    encode = container.encode

    def counted(path: Path, *more: object) -> None:
        encoded.append(path)
        encode(path, *more)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr("pipeline.audio.encode.encode", counted)
    with pytest.raises(Refused, match="sound_over_limit"):
        fitted(tale, keep.path(tale.master.audio), tmp_path, 1_000, ".flac")
    assert len(encoded) == 1


def test_a_book_has_a_chapter_for_each_scene(sounds: tuple[Made, Tale], tmp_path: Path) -> None:
    keep, tale = sounds[0].keep, sounds[1]
    (part,) = fitted(tale, keep.path(tale.master.audio), tmp_path, 10 << 20, ".m4b", keep.path(tale.picture))
    with av.open(str(part.path)) as file:
        assert len(file.chapters()) == len(tale.story.scenes)


def test_a_voice_message_is_mono_with_at_most_256_points(sounds: tuple[Made, Tale], tmp_path: Path) -> None:
    keep, tale = sounds[0].keep, sounds[1]
    file = spoken(tale, keep.path(tale.master.audio), tmp_path, 10 << 20)
    about = file.to_dict(0)
    assert about["duration_secs"] == pytest.approx(tale.master.samples / 48_000, abs=0.01)
    drawn = np.frombuffer(file._waveform, np.uint8)
    assert 0 < len(drawn) <= POINTS
    assert drawn.max() == 255
    with av.open(str(tmp_path / "voice.opus")) as sound:
        assert sound.streams.audio[0].layout.name == "mono"
    file.close()


@pytest.mark.parametrize(
    ("title", "name"),
    [("The Keeper & the Storm!", "the-keeper-the-storm"), ("Água", "agua"), ("夜", "tale"), ("", "tale")],
)
def test_a_title_becomes_a_name_that_discord_keeps(title: str, name: str) -> None:
    assert slug(title) == name


def test_a_transcript_names_speakers_music_and_sounds(sounds: tuple[Made, Tale]) -> None:
    tale = sounds[1]
    scene = tale.story.scenes[0]
    lines = (Line("Who is there?", "Mira"), Line("Nobody answered."))
    first = replace(scene, passages=(replace(scene.passages[0], lines=lines), *scene.passages[1:]))
    eerie = tuple(replace(one, mood=Mood.pure(Emotion.FEAR)) for one in tale.story.scenes[1].passages)
    second = replace(tale.story.scenes[1], passages=eerie)
    tale = replace(tale, story=replace(tale.story, scenes=(first, second)))
    captions = (sounds[0].keep.path(tale.captions)).read_text("utf-8")
    assert "[rain]" in captions
    written = transcripts(tale, captions)
    page = written[".txt"].splitlines()
    assert page[:7] == [
        "The night", "", "[guitar and flute, bright]", "[rain]", "Mira: Who is there?", "Nobody answered.", page[6],
    ]  # fmt: skip
    assert "[low strings, tense]" in page
    assert page.index("[low strings, tense]") > page.index("[rain]")
    for kind in (".vtt", ".srt"):
        assert written[kind].index("[guitar and flute, bright]") < written[kind].index("[low strings, tense]")
        assert "[rain]" in written[kind]
    assert written[".vtt"].startswith("WEBVTT")
    assert written[".vtt"].count("-->") == captions.count("-->")


def test_a_tale_without_captions_has_a_transcript_all_the_same(sounds: tuple[Made, Tale]) -> None:
    written = transcripts(sounds[1], webvtt(list[Shown](), "en"))
    assert "Once upon a night0." in written[".txt"]
