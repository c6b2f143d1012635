"""A tale as a film."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import ImageFont

from pipeline.audio.captions import Shown
from pipeline.audio.container import FORMS, encode
from pipeline.audio.tags import Chapter
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, Refused, TaleCancelled, Unwell
from pipeline.film import reel
from pipeline.film.camera import Camera
from pipeline.film.reel import FilmShape, Reel, Shot, shoot
from pipeline.film.storyteller import mouth_at
from pipeline.film.subtitles import Subtitles
from pipeline.pictures import fonts
from pipeline.pictures.stage import PaperStage
from pipeline.words.mood import Emotion
from pipeline.words.picture import PaperSheet, PictureFigure, SceneView
from pipeline.words.sound import RATE_HZ, WordTiming

SMALL = FilmShape("wide", 320, 180)
SECONDS = 3.0
WORDS = tuple(WordTiming(word, 0.6 + nth * 0.33, 0.9 + nth * 0.33) for nth, word in enumerate(("Once", "a", "fox")))
MIRA = PictureFigure("girl", "Mira", "f", "person", 7)


def cut(mood: Emotion) -> Callable[[], Sequence[PaperSheet]]:
    return PaperStage(SceneView(mood, "land", figures=(MIRA,), seed=2), SMALL.width, SMALL.height).sheets


def sound_in(folder: Path, seconds: float = SECONDS) -> Path:
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = (0.2 * np.sin(2 * np.pi * 220 * at)).astype(np.float32)
    file = folder / "tale.m4b"
    chapters = [Chapter("one", 0.0, 1.5), Chapter("two", 1.5, seconds)]
    encode(file, [np.stack([wave, wave], axis=1)], FORMS[".m4b"], 96, {"title": "A fox"}, chapters=chapters)
    return file


def reel_of(folder: Path) -> Reel:
    shots = [Shot(0.0, 1.5, cut(Emotion.JOY)), Shot(1.5, SECONDS, cut(Emotion.FEAR))]
    return Reel("A fox", shots, [Shown(WORDS[0].start_s, WORDS[-1].end_s, WORDS)], sound_in(folder), SECONDS)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reel, Path]:
    folder = tmp_path_factory.mktemp("film")
    made = reel_of(folder)
    shoot(made, folder / "tale.mp4", SMALL, Cancelled())
    return made, folder / "tale.mp4"


def sound_of(file: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    with av.open(str(file)) as opened:
        return np.concatenate([frame.to_ndarray() for frame in opened.decode(audio=0)], axis=1)


def test_a_film_has_h264_aac_and_the_chapters_of_its_sound(told: tuple[Reel, Path]) -> None:
    with av.open(str(told[1])) as film:
        coded = (*film.streams.video, *film.streams.audio)
        kinds = {stream.type: stream.codec_context.name for stream in coded}
        assert kinds == {"audio": "aac", "video": "h264"}
        assert [one["metadata"]["title"] for one in film.chapters()] == ["one", "two"]
        assert (film.streams.video[0].width, film.streams.video[0].height) == (320, 180)


def test_its_sound_is_the_delivered_one_sample_for_sample(told: tuple[Reel, Path]) -> None:
    assert np.array_equal(sound_of(told[1]), sound_of(told[0].sound))


def test_a_word_is_lit_within_forty_milliseconds_and_a_scene_cut_on_its_downbeat(told: tuple[Reel, Path]) -> None:
    with av.open(str(told[1])) as film:
        frames = [(float(one.time or 0), one.to_ndarray(format="gray").astype(int)) for one in film.decode(video=0)]
    band = [(at, one[152:168, 100:220]) for at, one in frames]
    shown = next(at for at, one in band if np.abs(one - band[0][1]).mean() > 40)
    assert abs(shown - WORDS[0].start_s) <= 0.04
    changes = [(float(np.abs(after[:140] - one[:140]).mean()), at) for (_, one), (at, after) in pairwise(frames)]
    assert abs(max(changes)[1] - 1.5) <= 0.04


def test_a_film_fits_into_its_limit_or_says_that_it_cannot(tmp_path: Path) -> None:
    made = reel_of(tmp_path)
    limit = made.sound.stat().st_size + 60_000
    shoot(made, tmp_path / "small.mp4", SMALL, Cancelled(), limit)
    assert (tmp_path / "small.mp4").stat().st_size <= limit
    with pytest.raises(Refused, match="film_over_limit"):
        shoot(made, tmp_path / "none.mp4", SMALL, Cancelled(), made.sound.stat().st_size + 10)
    assert not (tmp_path / "none.mp4").exists()


def test_a_cancelled_tale_stops_its_film(tmp_path: Path) -> None:
    check = Cancelled()
    with pytest.raises(TaleCancelled):
        shoot(
            reel_of(tmp_path),
            tmp_path / "tale.mp4",
            SMALL,
            check,
            progress=lambda share: check.set() if share > 0.3 else None,
        )


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(reel, "_written", full)
    with pytest.raises(Unwell, match="disk_full"):
        shoot(reel_of(tmp_path), tmp_path / "tale.mp4", SMALL, Cancelled())


def test_a_missing_encoder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("av.codec.codecs_available", {"mpeg4"})
    with pytest.raises(Missing, match="film_encoder_missing"):
        reel.codec_here()
    monkeypatch.setattr("av.codec.codecs_available", {"libvpx-vp9"})
    assert reel.suffix_here() == (".webm", ".opus")


def test_a_script_that_no_font_here_writes_is_named() -> None:
    with pytest.raises(Missing) as missing:
        fonts.font_for("\U00012000", 20)
    assert (missing.value.code, missing.value.fields["script"]) == ("font_missing", "Cuneiform")


def test_letters_of_ten_languages_find_a_font_or_are_named() -> None:
    font = fonts.font_for("Olá, ação, Straße, œuvre, niño", 20)
    assert isinstance(font, ImageFont.FreeTypeFont)


def test_sheets_move_by_their_depth_and_who_speaks_nods() -> None:
    sheets = cut(Emotion.JOY)()
    camera = Camera(sheets, SMALL.width, SMALL.height, leftwards=False)
    camera.at(0.0, 4.0, "")
    start = camera.lies
    camera.at(4.0, 4.0, "")
    moved = [abs(a[0] - b[0]) for a, b in zip(start, camera.lies, strict=True)]
    assert moved[0] == 0
    assert max(moved) > 10
    camera.at(4.18, 400.0, "")
    silent = camera.lies
    camera.at(4.18, 400.0, "Mira")
    assert sum(a != b for a, b in zip(silent, camera.lies, strict=True)) == 1


def test_the_storyteller_opens_its_mouth_with_the_letters() -> None:
    word = WordTiming("mao", 1.0, 1.9)
    assert [mouth_at(word, at) for at in (0.5, 1.1, 1.4, 1.7, 2.0)] == ["closed", "closed", "wide", "round", "closed"]


def test_every_word_of_a_caption_is_lit_in_its_turn() -> None:
    subtitles = Subtitles([Shown(0.6, 1.6, WORDS, "Mira", ("rain",))], 640, 360)
    assert subtitles.at(0.1) is None
    assert [subtitles.at(one.start_s) for one in WORDS] == [(0, 0), (0, 1), (0, 2)]
    assert subtitles.image(0, 0).tobytes() != subtitles.image(0, 1).tobytes()


def test_sixty_scenes_and_names_from_right_to_left_make_a_film(tmp_path: Path) -> None:
    sheets = cut(Emotion.JOY)()
    shots = [Shot(nth * 0.08, (nth + 1) * 0.08, lambda: sheets) for nth in range(60)]
    line = Shown(0.2, 1.6, WORDS, "Noa")
    with suppress(Missing):  # where no font here is Hebrew, the scenes alone are the promise
        fonts.font_for("נועה", 20)
        line = Shown(0.2, 1.6, WORDS, "נועה")
    made = Reel("Sixty", shots, [line], sound_in(tmp_path, 4.8), 4.8)
    shoot(made, tmp_path / "tale.mp4", SMALL, Cancelled())
    with av.open(str(tmp_path / "tale.mp4")) as film:
        last = max(float(one.time or 0) for one in film.decode(video=0))
    assert last == pytest.approx(4.8, abs=0.2)


def test_a_tale_of_one_line_without_words_is_a_film_too(tmp_path: Path) -> None:
    made = Reel("", [Shot(0.0, 1.0, cut(Emotion.SADNESS))], [], sound_in(tmp_path, 1.0), 1.0)
    shoot(made, tmp_path / "tale.mp4", SMALL, Cancelled())
    assert (tmp_path / "tale.mp4").stat().st_size > 1_000
