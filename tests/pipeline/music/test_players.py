"""Notes become sound."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import Refused
from pipeline.music.font import FontPlayer
from pipeline.music.memory import Memory
from pipeline.music.notes import Note, Part
from pipeline.music.perform import Player, in_hall, perform
from pipeline.music.piece import Score
from pipeline.music.soundfont import cut
from pipeline.music.synth import OwnPlayer
from pipeline.words.mood import Emotion, Mood
from pipeline.words.score import Cue
from pipeline.words.sound import RATE_HZ, Samples
from pipeline.words.story import Passage
from tests.pipeline.music.tales import alone, composed, line, plan_of, random_tale

NOTES = [
    Note(0.1, 1.0, Part.PAD, 60, 70),
    Note(0.1, 1.0, Part.PAD, 64, 70),
    Note(0.5, 0.9, Part.FIGURE, 72, 90),
    Note(0.6, 0.8, Part.DRUMS, 38, 80),
]
PROGRAMS = {int(Part.PAD): 48, int(Part.FIGURE): 24}


@pytest.fixture(params=["font", "own"])
def any_player(request: pytest.FixtureRequest) -> Player:
    return OwnPlayer() if request.param == "own" else request.getfixturevalue("player")


def test_the_same_notes_are_the_same_bytes_every_time(any_player: Player) -> None:
    first = any_player.play(NOTES, PROGRAMS, 2 * RATE_HZ)
    any_player.play([Note(0, 3, Part.PAD, 40, 127)], {0: 44}, RATE_HZ)
    assert _hash(any_player.play(NOTES, PROGRAMS, 2 * RATE_HZ)) == _hash(first)


def test_another_synth_gives_the_same_bytes(player: FontPlayer, font: Path) -> None:
    other = FontPlayer(font)
    assert _hash(other.play(NOTES, PROGRAMS, 2 * RATE_HZ)) == _hash(player.play(NOTES, PROGRAMS, 2 * RATE_HZ))
    other.close()


def test_two_threads_never_mix_their_notes(player: FontPlayer) -> None:
    expected = _hash(player.play(NOTES, PROGRAMS, 2 * RATE_HZ))
    heard: list[str] = []

    def play() -> None:
        heard.append(_hash(player.play(NOTES, PROGRAMS, 2 * RATE_HZ)))

    threads = [threading.Thread(target=play) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == [expected] * 4


def test_a_note_sounds_from_its_place(any_player: Player) -> None:
    sound = any_player.play([Note(0.5, 1.0, Part.FIGURE, 72, 90)], PROGRAMS, 2 * RATE_HZ)
    assert np.abs(sound[: RATE_HZ // 2 - 64]).max() == 0
    assert np.abs(sound[RATE_HZ // 2 : RATE_HZ]).max() > 0.005


@pytest.mark.parametrize("emotion", list(Emotion))
def test_every_mood_is_heard_without_a_click_or_a_nan(score: Score, any_player: Player, emotion: Emotion) -> None:
    cue = perform(alone(score, Mood.pure(emotion), 4, 12), any_player)
    for stem in (cue.bed, cue.lead, cue.tail):
        assert np.isfinite(stem).all()
        assert stem.dtype == np.float32
    assert 0.005 < float(np.abs(cue.bed).max()) < 1.0
    assert np.abs(cue.lead).max() > 0.001
    assert not len(cue.tail)
    assert np.abs(cue.bed[-1] + cue.lead[-1]).max() < 1e-6


def test_a_cue_is_as_long_as_its_bars_and_its_vamp_loops_unheard(score: Score, any_player: Player) -> None:
    plan, pictures = random_tale(6)
    for piece in composed(score, plan, pictures):
        cue = perform(piece, any_player)
        assert len(cue.bed) == len(cue.lead) == piece.samples
        assert len(cue.vamp) == piece.vamp_samples
        assert not piece.vamp_samples or _seam(cue) <= max(0.02, 4 * float(np.abs(np.diff(cue.vamp, axis=0)).max()))


def test_the_tail_goes_on_where_the_bed_stops(score: Score, player: FontPlayer) -> None:
    cue = perform(next(composed(score, *random_tale(6))), player)
    assert np.abs(cue.tail[-1]).max() < 1e-6
    step = np.abs(cue.tail[0] - (cue.bed[-1] + cue.lead[-1])).max()
    assert step <= 2 * np.abs(np.diff(cue.bed[-RATE_HZ:], axis=0)).max()


def test_what_follows_the_turning_line_is_really_silent(score: Score, any_player: Player) -> None:
    moods = [Mood.pure(Emotion.SADNESS), Mood.pure(Emotion.ANGER), Mood.pure(Emotion.FEAR), Mood.pure(Emotion.SADNESS)]
    passage = Passage(1, 1, "", (), moods[1], closes_scene=True)
    spoken = (line(0.1, 5.0),)
    piece, _ = score.passage(plan_of(moods, 5), passage, spoken, 6 * RATE_HZ, Memory(), last=False)
    cue = perform(piece, any_player)
    sound = cue.bed + cue.lead
    assert piece.hush_s is not None
    assert not sound[round(piece.hush_s * RATE_HZ) :].any()
    assert not cue.tail.any()
    assert np.abs(sound[round((piece.hush_s - 0.5) * RATE_HZ) :]).max() > 1e-3
    assert cue.vamp.any()


def test_the_hall_widens_and_fades(any_player: Player) -> None:
    dry = any_player.play(NOTES, PROGRAMS, 3 * RATE_HZ)
    wet = in_hall(dry)
    assert len(wet) == len(dry)
    side = wet[:, 0] - wet[:, 1] - (dry[:, 0] - dry[:, 1])
    assert np.abs(side).max() > 0.001
    assert np.abs(wet[-100:]).max() < 0.01
    assert _hash(in_hall(dry)) == _hash(wet)


def test_a_cut_font_plays_the_same_music(player: FontPlayer, font: Path, tmp_path: Path) -> None:
    once = cut(font.read_bytes())
    assert len(once) < 6_000_000
    assert cut(once) == once
    small = tmp_path / "small.sf3"
    small.write_bytes(once)
    other = FontPlayer(small)
    assert _hash(other.play(NOTES, PROGRAMS, RATE_HZ)) == _hash(player.play(NOTES, PROGRAMS, RATE_HZ))
    other.close()


def test_a_font_that_lacks_an_instrument_still_plays(font: Path, tmp_path: Path) -> None:
    poor = tmp_path / "poor.sf3"
    poor.write_bytes(cut(font.read_bytes(), frozenset({(0, 0)})))
    player = FontPlayer(poor)
    sound = player.play(NOTES, PROGRAMS, RATE_HZ)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() > 0.005
    player.close()


@pytest.mark.parametrize("damage", ["empty", "text", "head", "half", "noise"])
def test_a_damaged_font_is_refused(font: Path, tmp_path: Path, damage: str) -> None:
    whole = font.read_bytes()
    broken = tmp_path / "broken.sf3"
    noise = np.random.default_rng(1).bytes(100_000)
    broken.write_bytes(
        {"empty": b"", "text": b"no font", "head": whole[:64], "half": whole[: len(whole) // 2], "noise": noise}[damage]
    )
    with pytest.raises(Refused) as refused:
        FontPlayer(broken)
    assert refused.value.code == "soundfont_damaged"


def _hash(sound: Samples) -> str:
    return hashlib.sha256(sound.tobytes()).hexdigest()


def _seam(cue: Cue) -> float:
    return float(np.abs(cue.vamp[0] - cue.vamp[-1]).max())
