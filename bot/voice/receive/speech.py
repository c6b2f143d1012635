"""Where speech begins and ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bot.voice.receive.align import AlignedSound
from bot.voice.receive.opus import Pcm
from bot.voice.receive.turn_end import WINDOW_S, TurnEnd
from pipeline.errors import Missing
from pipeline.words.sound import HEARING_HZ, RATE_HZ

CHUNK = 512
"""Samples at 16 kHz that get one probability of speech: 32 ms."""
CHUNK_S = CHUNK / HEARING_HZ
_CONTEXT = 64  # samples of the chunk before, which this version of the model wants in front of each
FAINT, MOST_RAISED = 0.1, 30.0
"""A voice whose recent peak lies under the first is raised to it, by the second factor at most: for whispers."""
_FORGETS = 0.5 ** (CHUNK_S / 5.0)
"""Share of the recent peak that is left after a chunk: half of it after five seconds."""
FAR_DB = 22.0
"""Speech so much fainter than the speaker's own is a radio in the room, or somebody far away."""
_SURELY = 0.5
_MODEL = "silero_vad_v6.onnx"


class Silero:
    """Model that tells speech from everything else; small, so that the bot runs it itself."""

    def __init__(self, file: Path | None = None) -> None:
        import onnxruntime  # here, since a bot that never listens need not load it

        options = onnxruntime.SessionOptions()
        # Products this small lose more by waking a second thread than they gain.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep the largest batch's memory for ever
        # Threads that spin between two chunks would burn a core beside the narrator.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = onnxruntime.InferenceSession(
            str(file or shipped()), options, providers=["CPUExecutionProvider"]
        )

    def run(self, rows: Pcm | npt.NDArray[np.float32], state: tuple[Any, Any]) -> tuple[Any, tuple[Any, Any]]:
        """Return probabilities of speech of successive chunks, with the state after them."""
        chances, hidden, cell = self._session.run(None, {"input": rows, "h": state[0], "c": state[1]})
        return chances, (hidden, cell)


def shipped() -> Path:
    """Return the file in faster-whisper's wheel, which is not imported. Raises Missing `detector_missing`."""
    spec = find_spec("faster_whisper")
    folders = [Path(one) / "assets" for one in (spec.submodule_search_locations or ())] if spec else []
    found = next((folder / _MODEL for folder in folders if (folder / _MODEL).is_file()), None)
    if found is None:
        raise Missing("detector_missing", file=_MODEL)
    return found


class Attention:
    """One speaker's probabilities of speech, chunk by chunk."""

    def __init__(self, silero: Silero) -> None:
        import soxr

        self._silero = silero
        # A stream, since it keeps its filter's state between calls: no click at the seams.
        self._resample = soxr.ResampleStream(RATE_HZ, HEARING_HZ, 1, dtype="float32", quality="LQ")
        self._left = np.zeros(0, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)
        self._state = (np.zeros((1, 1, 128), np.float32), np.zeros((1, 1, 128), np.float32))
        self._loudest = 0.0
        self._own = 0.0  # how loud the speaker was of late, root mean square

    def chances(self, pcm: Pcm) -> list[float]:
        """Return the probability of every chunk that is complete by now."""
        heard = np.concatenate([self._left, self._resample.resample_chunk(pcm.astype(np.float32) / 32_768)])
        whole = len(heard) // CHUNK
        self._left = heard[whole * CHUNK :]
        if not whole:
            return []
        plain = heard[: whole * CHUNK].reshape(whole, CHUNK)
        chunks = self._raised(plain)  # one run for all: the state goes from row to row
        before = np.concatenate([self._context[None], chunks[:-1, -_CONTEXT:]])
        self._context = chunks[-1, -_CONTEXT:].copy()
        told, self._state = self._silero.run(np.concatenate([before, chunks], axis=1), self._state)
        levels = np.sqrt(np.mean(np.square(plain), axis=1))
        return [self._near(float(chance), float(level)) for chance, level in zip(np.ravel(told), levels, strict=True)]

    def _near(self, chance: float, level: float) -> float:
        """Return the probability that it is the speaker, and no voice behind them."""
        self._own *= _FORGETS
        if chance >= _SURELY:
            self._own = max(self._own, level)
        return chance if level > self._own * 10 ** (-FAR_DB / 20) else 0.0

    def _raised(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        loudest = float(np.abs(samples).max(initial=0.0))
        self._loudest = max(loudest, self._loudest * _FORGETS ** (samples.size / CHUNK))
        if not 0.0 < self._loudest < FAINT:
            return samples
        return np.asarray(samples * min(MOST_RAISED, FAINT / self._loudest), np.float32)


SPEECH, STILL_SPEECH = 0.5, 0.35
"""Probabilities from which speech begins, and above which it goes on."""
ENDS_AFTER_S = 0.9
"""Seconds of silence that close an utterance."""
LEAST_SPEECH_S = 0.2
"""Shorter bursts are a cough or a click."""
MOST_S = 28.0
"""An utterance is cut here: the transcriber's window is thirty seconds."""
ASKED_AT: Final = ((0.25, 0.5), (0.45, 0.5))
"""After so many seconds of silence the turn is whole if it sounds so with this chance."""
LEAST_TURN_S = 0.8
"""Less speech is a filler or an answer, and ends nothing by its sound."""
LATE_S = 0.2
"""Seconds for which a packet of what is said just now may still be under way."""
LEAD_IN_S = 0.4
"""Seconds kept before speech is found, since a word begins before it is recognised as one."""


@dataclass(frozen=True)
class MemberUtterance:
    """What somebody said between two silences."""

    member: int  # Discord's id
    start_s: float
    """Since the listening began."""
    pcm: Pcm
    """Mono at 48 kHz, its silences in place."""

    @property
    def seconds(self) -> float:
        """Length of the sound, in seconds."""
        return len(self.pcm) / RATE_HZ


@dataclass
class Utterances:
    """Gathers a speaker's sound; what is no speech is dropped at once."""

    member: int
    attention: Attention
    turn_end: TurnEnd | None = None
    """Hears whether the speaker is done; without it silence alone ends an utterance."""
    alone: bool = True
    """Nobody else speaks just now; where others do, it does not matter whether this one is done."""
    done: bool = False
    """The last utterance sounded as if all was said."""
    start: int = 0
    """First sample held, in samples of the session."""
    held: list[Pcm] = field(default_factory=list)
    length: int = 0
    """Samples held."""
    speech_s: float = 0.0
    """Seconds of speech in what is held."""
    silent_s: float = 0.0
    """Seconds since the last speech in it."""
    asked: int = 0
    """How often in this silence the model was asked."""

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way."""
        return self.speech_s > 0

    def take(self, placed: AlignedSound) -> Iterator[MemberUtterance]:
        """Add sound in its place; what overlaps with earlier sound is left out."""
        gap = placed.start - (self.start + self.length)
        if self.length and gap > ENDS_AFTER_S * RATE_HZ:
            yield from self.close()
        if not self.length:
            self.start, gap = placed.start, 0
        # Silence that was never sent is put back: the model and the transcriber need the true distances.
        pcm = np.concatenate([np.zeros(gap, np.int16), placed.pcm]) if gap > 0 else placed.pcm[-gap or None :]
        if not len(pcm):
            return
        self.held.append(pcm)
        self.length += len(pcm)
        for chance in self.attention.chances(pcm):
            self._weigh(chance)
        if self.speaking and (self.silent_s >= ENDS_AFTER_S or self.length >= MOST_S * RATE_HZ):
            yield from self.close()
        elif self._sounds_done(0.0):
            yield from self.close(done=True)
        elif not self.speaking:
            self._keep_last(LEAD_IN_S)

    def look(self, now: int) -> Iterator[MemberUtterance]:
        """Close the utterance of a speaker who stopped sending: Discord sends nothing for silence."""
        nothing_s = (now - (self.start + self.length)) / RATE_HZ
        if self.length and nothing_s > ENDS_AFTER_S:
            yield from self.close()
        elif self._sounds_done(nothing_s - LATE_S):
            yield from self.close(done=True)

    def close(self, *, done: bool = False) -> Iterator[MemberUtterance]:
        """Give what is held, where it holds speech, and begin anew."""
        if self.speech_s >= LEAST_SPEECH_S:
            self.done = done
            yield MemberUtterance(self.member, self.start / RATE_HZ, np.concatenate(self.held))
        self.held, self.length, self.speech_s, self.silent_s, self.asked = [], 0, 0.0, 0.0, 0

    def _sounds_done(self, nothing_s: float) -> bool:
        """Tell by its sound whether the turn is whole, after what is held and so many seconds without a packet."""
        if self.turn_end is None or not self.alone or self.speech_s < LEAST_TURN_S:
            return False
        nothing_s = max(0.0, nothing_s)
        while self.asked < len(ASKED_AT) and self.silent_s + nothing_s >= ASKED_AT[self.asked][0]:
            last = np.concatenate(self.held)[-WINDOW_S * RATE_HZ :]
            heard = np.concatenate([last, np.zeros(round(nothing_s * RATE_HZ), np.int16)])
            self.asked += 1
            if self.turn_end.chance(heard) >= ASKED_AT[self.asked - 1][1]:
                return True
        return False

    def _weigh(self, chance: float) -> None:
        # Two bounds: with one, a voice near it would be cut into pieces.
        if chance >= (STILL_SPEECH if self.speaking else SPEECH):
            self.speech_s += CHUNK_S
            self.silent_s, self.asked, self.done = 0.0, 0, False
        elif self.speaking:
            self.silent_s += CHUNK_S

    def _keep_last(self, seconds: float) -> None:
        most = round(seconds * RATE_HZ)
        while self.held and self.length - len(self.held[0]) >= most:
            gone = len(self.held.pop(0))
            self.length -= gone
            self.start += gone
