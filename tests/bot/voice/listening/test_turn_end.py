"""A turn ends when its speaker is done."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bot.voice.listening import live_listening, manager
from bot.voice.receive.align import AlignedSound
from bot.voice.receive.opus import Pcm
from bot.voice.receive.speech import Attention, MemberUtterance, Silero, Utterances
from bot.voice.receive.turn_end import TurnEnd, _features, opened
from tests.bot.scene import Scene
from tests.bot.voice.listening.listens import WORDS, listens, tale_of
from tests.bot.voice.listening.speech import silence, spoken

TICK = 4_800


class Sure(TurnEnd):
    """One that always gives the same chance."""

    def __init__(self, given: float) -> None:
        self.given, self.asked = given, 0

    def chance(self, pcm: Pcm) -> float:
        self.asked += 1
        return self.given


@pytest.fixture(scope="module")
def silero() -> Silero:
    return Silero()


def heard(ears: Utterances, sound: Pcm) -> list[MemberUtterance]:
    """All utterances of a sound that comes a tenth of a second at a time."""
    edges = range(0, len(sound) + TICK, TICK)
    return [one for since, until in pairwise(edges) for one in ears.take(AlignedSound(since, sound[since:until]))]


def mono(*parts: Pcm) -> Pcm:
    return np.concatenate(parts)[:, 0]


def test_who_sounds_done_need_not_wait_for_the_long_silence(silero: Silero) -> None:
    sound = mono(spoken(), silence(0.6))
    assert not heard(Utterances(1, Attention(silero)), sound)
    ears = Utterances(1, Attention(silero), Sure(0.99))
    assert len(heard(ears, sound)) == 1
    assert ears.done


def test_who_stops_sending_is_heard_to_be_done_too(silero: Silero) -> None:
    ears = Utterances(1, Attention(silero), Sure(0.99))
    sound = mono(spoken())
    assert not heard(ears, sound)
    assert list(ears.look(len(sound) + 48_000 // 2))
    assert ears.done


def test_who_sounds_as_if_more_comes_is_waited_for(silero: Silero) -> None:
    ears = Utterances(1, Attention(silero), Sure(0.05))
    assert not heard(ears, mono(spoken(), silence(0.6), spoken(), silence(0.6)))
    assert not ears.done
    assert len(list(ears.close())) == 1, "one utterance, its pause in place"


def test_who_goes_on_after_all_is_not_done(silero: Silero) -> None:
    ears = Utterances(1, Attention(silero), Sure(0.99))
    assert len(heard(ears, mono(spoken(), silence(0.6), spoken()))) == 1
    assert ears.speaking
    assert not ears.done


def test_a_hm_ends_nothing_however_done_it_sounds(silero: Silero) -> None:
    sure = Sure(0.99)
    assert not heard(Utterances(1, Attention(silero), sure), mono(spoken("hm"), silence(0.7)))
    assert not sure.asked


def test_where_others_talk_it_is_not_even_asked(silero: Silero) -> None:
    sure = Sure(0.99)
    ears = Utterances(1, Attention(silero), sure)
    ears.alone = False
    heard(ears, mono(spoken(), silence(0.6)))
    assert not sure.asked


def test_a_radio_in_the_room_does_not_keep_a_speaker_talking(silero: Silero) -> None:
    radio = (np.concatenate([spoken(gender="f")] * 2) * 0.04).astype(np.int16)
    line = spoken()
    room = radio.copy()
    room[: len(line)] += line[: len(room)]
    assert len(heard(Utterances(1, Attention(silero)), mono(room))) == 1


def test_a_missing_or_damaged_model_leaves_the_silence_rule(tmp_path: Path) -> None:
    damaged = tmp_path / "turn.onnx"
    damaged.write_bytes(b"no model")
    assert opened(None) is None
    assert opened(tmp_path / "nothing.onnx") is None
    assert opened(damaged) is None


def test_it_hears_as_whisper_does() -> None:
    from faster_whisper.feature_extractor import FeatureExtractor

    pcm = mono(spoken())[: 8 * 48_000]
    ours = _features(np.concatenate([np.zeros(8 * 48_000 - len(pcm), np.int16), pcm]))
    whole = np.zeros(8 * 16_000, np.float32)
    import soxr

    tail = soxr.resample(pcm.astype(np.float32) / 32_768, 48_000, 16_000)
    whole[-len(tail) :] = tail
    theirs = FeatureExtractor(chunk_length=8)((whole - whole.mean()) / np.sqrt(whole.var() + 1e-7), padding=False)
    assert np.abs(ours - theirs[:, : ours.shape[1]]).max() < 0.05


@pytest.mark.slow
async def test_one_who_is_done_gets_their_tale_and_one_who_is_not_is_heard_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure = Sure(0.05)
    monkeypatch.setattr(manager, "opened", lambda file: sure)
    monkeypatch.setattr(live_listening, "QUIET_S", 1_000.0)
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        await listens(ana)
        panel = await ana.sees("Listening in")
        await ana.press("I consent", on=panel)
        await ana.says(spoken())
        await panel.until(lambda seen: WORDS in seen.text, within_s=10)
        assert "Listening in" in panel.text
        sure.given = 0.99
        await ana.says(spoken())
        await panel.until(lambda seen: "heard it all" in seen.text, within_s=15)
        await tale_of(bot, ana)
