"""Picks the best take of a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipeline.cancelled import Cancelled
from pipeline.log import log_of
from pipeline.roles import Narrator, Transcriber, Utterance
from pipeline.speaking.script import Breath
from pipeline.speaking.takes import Verdict, by_ear, by_length
from pipeline.words.sound import RATE_HZ, Recording

TAKES = 2
"""Takes of a line whose first is faulty; the better one is kept. Fixed, so that a seed gives one narration."""
_AGAIN = 0.97
"""Pace of a second take: it makes models that ignore the seed say the line differently."""
_QUIET = np.zeros(RATE_HZ // 4, np.float32)  # on either side of a take, as around any recorded sentence

log = log_of("best_take")


class TakePicker:
    """Judges every take by its length, and by transcribing it where there is a transcriber."""

    def __init__(self, narrator: Narrator, check: Cancelled, ears: Transcriber | None = None) -> None:
        self._narrator, self._check, self._ears = narrator, check, ears

    def best(self, breath: Breath, begun: Iterator[Utterance]) -> Utterance:
        """Return the take that was begun, or a better one."""
        best = whole(begun)
        verdict = self._verdict(breath, best)
        for nth in range(1, TAKES):
            if not verdict.fault:
                break
            log.info("line_spoken_again", fault=verdict.fault, off=round(verdict.off, 2))
            pace, seed = breath.delivery.pace * _AGAIN, breath.delivery.seed + 1000 * nth
            again = replace(breath, delivery=replace(breath.delivery, pace=pace, seed=seed))
            other = whole(self._narrator.speak(again.text, again.delivery, self._check))
            second = self._verdict(again, other)
            if not second.fault or second.off < verdict.off:
                best, verdict = other, second
        return best

    def _verdict(self, breath: Breath, utterance: Utterance) -> Verdict:
        delivery = breath.delivery
        found = by_length(breath.text, utterance.samples, delivery.language, delivery.pace)
        if found.fault or self._ears is None:
            return found
        sound = np.concatenate([_QUIET, utterance.samples, _QUIET])
        heard = self._ears.transcribe(Recording(sound, RATE_HZ), delivery.language, self._check).text
        # A transcriber writes numbers its own way: either spelling will do.
        written = " ".join(one.written for one in breath.said)
        return min(by_ear(written, heard), by_ear(breath.text, heard), key=lambda verdict: verdict.off)


def whole(begun: Iterator[Utterance]) -> Utterance:
    """Join all pieces of an utterance, with the shares of its words."""
    pieces = list(begun)
    if len(pieces) == 1:
        return pieces[0]
    total = sum(len(piece.samples) for piece in pieces) or 1
    known = all(piece.shares for piece in pieces)
    shares = [(word, share * len(piece.samples) / total) for piece in pieces for word, share in piece.shares]
    samples = np.concatenate([piece.samples for piece in pieces] or [np.zeros(0, np.float32)])
    return Utterance(samples, tuple(shares) if known else ())
