"""When a spoken wish is over."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.voice.listening.live_listening import DONE_S, QUIET_S
from bot.voice.receive.align import AlignedSound
from bot.voice.receive.opus import Decoder, Pcm
from bot.voice.receive.packet import SAMPLES
from bot.voice.receive.speech import Attention, Silero, Utterances
from bot.voice.receive.turn_end import TurnEnd
from pipeline.words.sound import RATE_HZ
from tests.bench._spoken_wishes import KINDS, SpokenWish
from tests.discord_double.members import opus
from tests.mood.reading import weights

LOOK_S, ARRIVES_S = 0.1, 0.06
"""How often the bot looks, and how late a packet is heard: the jitter's wait."""
FAST_RULE_S = 0.6
"""A silence rule as fast as what is wanted."""


@dataclass(frozen=True)
class Judged:
    """One wish, as the ears heard it; seconds of the wish's own clock."""

    wish: SpokenWish
    felt_s: float
    """When it was first taken to be whole and none of it was said after."""
    early: bool
    """It was taken to be whole before that, in a pause; the speaker was heard on."""
    ended_s: float
    """When nothing more would be heard."""
    fast_cut: bool
    """The fast silence rule would have ended it in a pause."""

    @property
    def cut_off(self) -> bool:
        """Something was still to be said."""
        return self.ended_s < self.wish.end_s


def turn_ends(wishes: Sequence[SpokenWish]) -> dict[str, float]:
    """Of all wishes, and the same without the model."""
    silero, turn_end = Silero(), TurnEnd(weights("smart-turn")["turn.onnx"])
    with_it = [judged(wish, silero, turn_end) for wish in wishes]
    without = [judged(wish, silero, None) for wish in wishes]
    told = {"wishes": float(len(wishes)), "felt_too_early": _share([one.early for one in with_it])}
    for name, found in (("", with_it), ("silence_", without)):
        whole = [one for one in found if not one.cut_off]
        told[f"{name}turn_end_p90_s"] = _p90([one.felt_s - one.wish.end_s for one in whole])
        told[f"{name}ended_p50_s"] = float(np.median([one.ended_s - one.wish.end_s for one in whole]))
        told[f"{name}ended_p90_s"] = _p90([one.ended_s - one.wish.end_s for one in whole])
        told[f"{name}cut_offs"] = _share([one.cut_off for one in found])
    told["silence_06_cut_offs"] = _share([one.fast_cut for one in without])
    for kind in dict.fromkeys(KINDS):
        told[f"felt_too_early_{kind}"] = _share([one.early for one in with_it if one.wish.kind == kind])
    return told


def judged(wish: SpokenWish, silero: Silero, turn_end: TurnEnd | None) -> Judged:
    """Through Opus, looked at as the bot does; its own work counts as time that passes."""
    ears = Utterances(1, Attention(silero), turn_end)
    pcm, at, lag_s = _over_the_air(wish), 0, 0.0
    closed_s = felt_s = quiet_s = 0.0
    early = fast_cut = said = False
    for tick in range(1, int(len(pcm) / RATE_HZ / LOOK_S) + 100):
        now_s = tick * LOOK_S
        began_s = time.thread_time()
        until = max(at, round((now_s - ARRIVES_S) * RATE_HZ) // SAMPLES * SAMPLES)
        before_s = ears.speech_s
        heard = [*ears.take(AlignedSound(at, pcm[at:until])), *ears.look(round(now_s * RATE_HZ))]
        at, lag_s = min(until, len(pcm)), time.thread_time() - began_s
        quiet_s = 0.0 if ears.speech_s > before_s else quiet_s + LOOK_S
        said = said or ears.speaking
        fast_cut = fast_cut or (said and quiet_s >= FAST_RULE_S and now_s < wish.end_s)
        if ears.speaking:
            early = early or felt_s > 0
            felt_s = closed_s = 0.0
        elif heard:
            closed_s = now_s + lag_s
            felt_s = closed_s if ears.done else 0.0
        if closed_s and now_s - closed_s > (DONE_S if felt_s else QUIET_S):
            return Judged(wish, felt_s or now_s, early, now_s, fast_cut)
    return Judged(wish, now_s, early, now_s, fast_cut)


def _over_the_air(wish: SpokenWish) -> Pcm:
    opus.load()
    decoder = Decoder()
    frames = opus.Encoder().frames(np.stack([wish.pcm, wish.pcm], axis=1))
    return np.concatenate([decoder.decode(frame) for frame in frames])


def _share(truths: Sequence[bool]) -> float:
    return float(np.mean(truths)) if truths else 0.0


def _p90(values: Sequence[float]) -> float:
    return float(np.percentile(values, 90)) if values else 0.0
