"""What the mouth promises its listeners."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from discord.opus import OPUS_SILENCE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.voice.player.audio_worker import Blocks
from bot.voice.player.tale_source import AHEAD, FRAME, Mouth, opus_encoder, pcm_of
from pipeline.audio.sum import Gains, Sum
from pipeline.words.sound import RATE_HZ
from tests.bench.mix import true_peak_db
from tests.bot.voice.playing import Listener, Pcm, decoded, in_frames, listener_of, without
from tests.pipeline.audio.making import Made, made, speech


@pytest.fixture(scope="module")
def tale(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("stems"))


@pytest.fixture(scope="module")
def file(tale: Made) -> Pcm:
    """The file's samples, as 16 bit, in whole packets."""
    it = Sum(tale.path_of)
    it.grow(tale.timeline)
    return in_frames(np.frombuffer(pcm_of(np.concatenate(list(it.walk()))), np.int16).reshape(-1, 2))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gaps=st.lists(st.integers(0, 400), min_size=8, max_size=8))
def test_with_its_waits_cut_out_it_is_the_file(tale: Made, file: Pcm, gaps: list[int]) -> None:
    listener = listener_of(tale)
    for count, packets in enumerate(gaps, start=1):
        listener.mouth.grow(tale.after(count))
        listener.hears(packets)
    listener.hears()
    assert np.array_equal(in_frames(without(listener.mouth.holds, listener.sound)), file)
    assert listener.mouth.underruns == 0


def test_what_was_made_ahead_never_makes_a_wait_longer(tale: Made) -> None:
    listener = listener_of(tale)
    listener.mouth.grow(tale.after(1))
    listener.hears(2 * 50 + 70)  # it waits since 1.4 s, and has made the next turn of the bar ahead
    listener.mouth.grow(tale.timeline)
    listener.hears()
    (hold,) = listener.mouth.holds
    assert hold.samples <= 2 * RATE_HZ  # the bar that was begun


def test_it_pauses_within_a_moment_and_goes_on_where_it_was(tale: Made, file: Pcm) -> None:
    listener = listener_of(tale)
    listener.mouth.grow(tale.timeline)
    listener.hears(200)
    listener.mouth.pause()
    listener.hears()
    heard = len(listener.packets)
    assert heard <= 204
    assert not listener.sound[-1].any()
    listener.mouth.go_on()
    listener.hears()
    # The packet that faded out is told again, fading in.
    told = np.concatenate([listener.sound[: (heard - 1) * FRAME], listener.sound[heard * FRAME :]])
    assert len(told) == len(file)
    assert np.array_equal(told[heard * FRAME :], file[heard * FRAME :])


def test_a_pause_taken_back_at_once_is_not_heard(tale: Made, file: Pcm) -> None:
    listener = listener_of(tale)
    listener.mouth.grow(tale.timeline)
    listener.hears(100)
    listener.mouth.pause()
    listener.mouth.go_on()
    listener.hears()
    assert np.array_equal(listener.sound, file)


def test_going_back_plays_the_same_samples_again(tale: Made, file: Pcm) -> None:
    listener = listener_of(tale)
    listener.mouth.grow(tale.timeline)
    listener.hears(250)
    listener.mouth.seek(RATE_HZ)
    listener.hears()
    rest = len(file) - RATE_HZ - FRAME
    assert np.array_equal(listener.sound[-rest:], file[-rest:])
    assert len(listener.sound) == len(file) + 253 * FRAME - RATE_HZ


def test_a_volume_is_heard_within_a_few_packets(tale: Made) -> None:
    listener = listener_of(tale)
    listener.mouth.grow(tale.timeline)
    listener.hears(100)
    listener.made()
    assert listener.mouth.ahead >= AHEAD
    listener.mouth.hear_as(Gains(voice=0.0, music=0.0))
    listener.hears(10)
    assert not listener.sound[-5 * FRAME :].any()
    assert listener.sound[-8 * FRAME :].any()


def test_it_begins_where_it_is_told_to(tale: Made, file: Pcm) -> None:
    listener = listener_of(tale, begin_at=4 * RATE_HZ)
    listener.mouth.grow(tale.timeline)
    listener.hears(10)
    assert np.array_equal(listener.sound, file[4 * RATE_HZ :][: 10 * FRAME])
    assert listener.mouth.at == 4 * RATE_HZ + 9 * FRAME


def test_a_tale_can_be_heard_again_from_its_end(tale: Made, file: Pcm) -> None:
    listener = listener_of(tale)
    listener.mouth.grow(tale.timeline)
    listener.hears()
    assert listener.mouth.over
    listener.mouth.seek(0)
    listener.hears()
    assert np.array_equal(listener.sound[-len(file) + FRAME :], file[FRAME:])


def test_a_tale_whose_sounds_are_all_gone_is_over_at_once_and_says_why(tmp_path: Path) -> None:
    lost = made(tmp_path)
    listener = listener_of(lost)
    for each in tmp_path.rglob("*.wav"):
        each.unlink()
    listener.mouth.grow(lost.timeline)
    listener.hears()
    assert listener.mouth.over
    assert len(listener.packets) < 5, "silence is not sat out"
    assert listener.mouth.loss is not None
    assert listener.mouth.loss.code == "artifact_gone"


def test_one_that_is_not_served_in_time_sends_nothing_rather_than_wait(tale: Made) -> None:
    mouth = listener_of(tale).mouth
    mouth.grow(tale.timeline)
    mouth.make()
    assert mouth.read() == OPUS_SILENCE  # it has not begun: nobody misses anything
    for _ in range(3):
        mouth.make()
    while mouth.ahead:
        mouth.read()
    assert mouth.underruns == 0
    assert mouth.read() == OPUS_SILENCE
    assert mouth.underruns == 1


def test_it_finishes_without_a_click_and_for_good(tale: Made) -> None:
    listener = listener_of(tale)
    listener.mouth.grow(tale.timeline)
    listener.hears(100)
    listener.mouth.finish()
    listener.hears()
    assert listener.mouth.over
    assert len(listener.packets) <= 104
    assert not listener.sound[-1].any()


def test_an_encoder_that_takes_over_is_not_heard(file: Pcm) -> None:
    frames = [file[at : at + FRAME].tobytes() for at in range(0, 40 * FRAME, FRAME)]
    straight, first = opus_encoder(), opus_encoder()
    packets = [first(pcm) for pcm in frames[:20]]
    second = opus_encoder(frames[17:20])
    packets += [second(pcm) for pcm in frames[20:]]
    one, other = decoded([straight(pcm) for pcm in frames]), decoded(packets)
    assert np.abs(one - other)[: 20 * FRAME].max() == 0
    assert np.abs(one - other)[22 * FRAME :].max() < 0.02
    assert np.abs(other).max() < np.abs(one).max() * 1.05


def test_what_a_listeners_decoder_gives_stays_a_decibel_under_full_scale(tmp_path: Path) -> None:
    loud = made(tmp_path, lengths_s=(4.0, 4.0), voice=lambda seconds, nth: 5 * speech(seconds, nth))
    listener = Listener(Mouth(loud.path_of, Blocks()))
    listener.mouth.grow(loud.timeline)
    listener.mouth.hear_as(Gains(voice=1.5, music=1.5))
    listener.hears()
    assert true_peak_db(decoded(listener.packets)) <= -1.0


def test_what_vanishes_while_it_plays_is_heard_to_the_end_of_the_next_passage(file: Pcm, tmp_path: Path) -> None:
    tale = made(tmp_path)
    listener = listener_of(tale)
    listener.mouth.grow(tale.timeline)
    listener.hears(150)
    for stem in tmp_path.rglob("*.wav"):
        stem.unlink()
    listener.hears()
    second = tale.timeline.placed[2].start // FRAME
    assert len(listener.packets) > second
    assert np.array_equal(listener.sound[: second * FRAME], file[: second * FRAME])
    assert listener.mouth.loss is not None
    assert listener.mouth.loss.code == "artifact_gone"


def test_a_passage_that_vanished_before_it_began_is_passed_over_and_the_next_one_is_heard(
    file: Pcm, tmp_path: Path
) -> None:
    tale = made(tmp_path)
    _, first, second, third = tale.timeline.placed
    listener = listener_of(tale)
    listener.mouth.grow(tale.timeline)
    for stem in (second.scored.bed, second.spoken.voice if second.spoken else None):
        assert stem is not None
        tale.path_of(stem).unlink()
    listener.hears()
    assert listener.mouth.over
    assert listener.mouth.trouble is None
    assert listener.mouth.loss is not None
    assert listener.mouth.loss.code == "artifact_gone"
    assert np.array_equal(listener.sound[: first.start], file[: first.start])
    whole = third.end - third.start
    about = len(listener.sound) - len(file) + third.start + second.scored.samples
    assert abs(about - third.start) < RATE_HZ // 5, "a moment of what rang, and nothing of the lost one"
    heard = listener.sound[-whole - RATE_HZ : -RATE_HZ]
    assert np.array_equal(heard[RATE_HZ:], file[third.start + RATE_HZ : third.end][-len(heard[RATE_HZ:]) :])


@pytest.mark.parametrize("lost", ["voice", "bed", "tail"])
def test_one_stem_that_is_gone_takes_nothing_else_with_it(lost: str, file: Pcm, tmp_path: Path) -> None:
    tale = made(tmp_path)
    second, third = tale.timeline.placed[2:]
    assert second.spoken is not None
    stem = {"voice": second.spoken.voice, "bed": second.scored.bed, "tail": second.scored.tail}[lost]
    tale.path_of(stem).unlink()
    listener = listener_of(tale)
    listener.mouth.grow(tale.timeline)
    listener.hears()
    assert len(listener.sound) == len(file)
    within = listener.sound[third.start + 2 * RATE_HZ : third.end]
    assert np.array_equal(within, file[third.start + 2 * RATE_HZ : third.end])
    assert listener.sound[second.start : second.end].any()
    assert listener.mouth.loss is not None


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="elsewhere open files are not counted so easily")
def test_a_tale_that_is_over_holds_no_file_open(tale: Made) -> None:
    listener, before = listener_of(tale), _open_stems()
    listener.mouth.grow(tale.timeline)
    listener.hears(150)
    assert _open_stems() > before
    listener.hears()
    assert _open_stems() == before


def _open_stems() -> int:
    return sum(str(one.resolve()).endswith(".wav") for one in Path("/proc/self/fd").iterdir())
