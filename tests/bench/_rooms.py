"""The rooms, judged by ear and machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.audio.dress import dress_voice
from pipeline.audio.room import ROOMS, STUDIO, Acoustics
from pipeline.cancelled import Cancelled
from pipeline.roles import Transcriber
from pipeline.words.sound import RATE_HZ, Recording, Samples
from tests.bench._judges import Dnsmos
from tests.bench._tales import Said, lent
from tests.bench.mix import distance, plain

JUDGED = ("studio", "room", "hall", "cave", "forest", "crowd", "sea")
DRY = replace(STUDIO, reverb_s=0.0)
_PAUSE = RATE_HZ // 2


def rooms_heard(said: Sequence[Said]) -> dict[str, float]:
    """For every room: opinion and word error of the same lines, each against the dry voice."""
    figures: dict[str, float] = {}
    judge, words = Dnsmos(), [plain(one.text) for one in said]
    with lent("whisper-base", Transcriber) as whisper:
        for name in ("dry", *JUDGED):
            room = DRY if name == "dry" else ROOMS.get(name, STUDIO)
            stems = [_in_room(one, room) for one in said]
            figures[f"dnsmos_{name}"] = round(judge(np.concatenate(stems))["ovr"], 3)
            heard = [whisper.transcribe(Recording(stem, RATE_HZ), "en", Cancelled()).text for stem in stems]
            wrong = sum(distance(told, plain(text)) for told, text in zip(words, heard, strict=True))
            figures[f"wer_{name}"] = round(100 * wrong / sum(map(len, words)), 2)
    return figures


def _in_room(one: Said, room: Acoustics) -> Samples:
    return dress_voice([(_PAUSE, one.samples, 0.0)], len(one.samples) + 2 * _PAUSE, room)
