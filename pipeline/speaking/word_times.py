"""When each written word is heard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.roles import Utterance
from pipeline.speaking.spoken import WIDE_FROM, SpokenWord
from pipeline.words.sound import RATE_HZ, Samples, WordTiming

_WINDOW = RATE_HZ // 100
_LEAST_PAUSE_S = 0.09
_SILENT, _FADED, _NOTHING = 0.02, 0.08, 1e-4
"""Of the loudest window of the line, of the word's own, and in full scale: under them nothing is said any more."""
_Span = tuple[float, float]
_STOPS = frozenset(",.;:!?…—。、，！？।")


def word_times(said: Sequence[SpokenWord], utterance: Utterance, start_s: float) -> tuple[WordTiming, ...]:
    """Time the words from the passage's first downbeat: by the backend's own times, else by letters and pauses."""
    words = " ".join(one.spoken for one in said).split()
    shares = utterance.shares or fitted(words, utterance.samples)
    length_s = len(utterance.samples) / RATE_HZ
    level = _level(utterance.samples)
    parts = [[(part, _sounding(span, level)) for part, span in spans] for spans in _spans(words, shares)]
    heard: list[WordTiming] = []
    at = 0
    for one in said:
        count = len(one.spoken.split())
        mine = [part for word in parts[at : at + count] for part in word]
        at += count
        if mine and any(char.isalnum() for char in one.written):
            heard += _heard(one.written, mine, start_s, length_s)
    return tuple(heard)


def fitted(words: Sequence[str], samples: Samples) -> tuple[tuple[str, float], ...]:
    """Share the length by letters, with the silences that are really heard where punctuation asks for them."""
    pauses = _pauses(samples)
    stops = [at for at, word in enumerate(words[:-1]) if word[-1:] in _STOPS]
    # A word of signs alone still takes time, so it counts as one letter.
    letters = np.array([max(1, sum(char.isalnum() for char in word)) for word in words], np.float64)
    if not len(words):
        return ()
    voiced = 1.0 - sum(end - start for start, end in pauses)
    ends = np.cumsum(letters) / letters.sum() * voiced
    rests = dict(_paired(stops, ends, pauses))
    shares: list[tuple[str, float]] = []
    # The time of pauses that no punctuation asked for is spread over all the words.
    spared = sum(end - start for start, end in pauses) - sum(rests.values())
    for at, word in enumerate(words):
        shares.append((word, letters[at] / letters.sum() * (voiced + spared)))
        if at in rests:
            shares.append(("", rests[at]))
    return tuple(shares)


def _paired(
    stops: Sequence[int], ends: Sequence[float], pauses: Sequence[tuple[float, float]]
) -> list[tuple[int, float]]:
    """Pair each punctuated word with the pause nearest to where its letters end; a pause serves one word."""
    pairs: list[tuple[int, float]] = []
    lost, since = 0.0, 0
    for stop in stops:
        expected = ends[stop] + lost
        left = list(enumerate(pauses))[since:]
        if not left:
            break
        at, (start, end) = min(left, key=lambda pair: abs(pair[1][0] - expected))
        # Farther than 15 % of the line away, the pause belongs to another word.
        if abs(start - expected) < 0.15:
            pairs.append((stop, end - start))
            lost += end - start
            since = at + 1
    return pairs


def _sounding(span: _Span, level: npt.NDArray[np.float32]) -> _Span:
    """The word without the breath that a model counts to its last sound; at least half of it stays."""
    start, end = span
    windows = max(1, len(level))
    least, last = round((start + end) / 2 * windows), min(len(level), round(end * windows))
    loudest = level[round(start * windows) : last].max(initial=0.0)
    silent = max(float(level.max(initial=0.0)) * _SILENT, float(loudest) * _FADED, _NOTHING)
    while last > least and level[last - 1] < silent:
        last -= 1
    return start, min(end, max(last / windows, (start + end) / 2))


def _level(samples: Samples) -> npt.NDArray[np.float32]:
    """Return the RMS level of each window of 10 ms."""
    blocks = samples[: len(samples) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
    return np.asarray(np.sqrt((blocks**2).mean(axis=1)), np.float32)


def _quiet(samples: Samples) -> npt.NDArray[np.bool_]:
    """Whether each window is silent."""
    level = _level(samples)
    return np.asarray(level < max(float(level.max(initial=0.0)) * _SILENT, _NOTHING))


def _pauses(samples: Samples) -> list[tuple[float, float]]:
    """Find the silences inside the sound, as shares of its length."""
    quiet = _quiet(samples)
    if not len(quiet):
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
    spans = [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    least = _LEAST_PAUSE_S * RATE_HZ / _WINDOW
    inner = [(start, end) for start, end in spans if end - start >= least and start > 0 and end < len(quiet)]
    return [(start / len(quiet), end / len(quiet)) for start, end in inner]


def _heard(written: str, parts: Sequence[tuple[str, _Span]], start_s: float, length_s: float) -> list[WordTiming]:
    """The timings of one word: of each part where the parts spell the word as it is written, else of the whole."""
    if "".join(part for part, _ in parts) != written:
        parts = [(written, (parts[0][1][0], parts[-1][1][1]))]
    return [WordTiming(part, start_s + start * length_s, start_s + end * length_s) for part, (start, end) in parts]


def _spans(words: Sequence[str], shares: Sequence[tuple[str, float]]) -> list[list[tuple[str, _Span]]]:
    """Start and end of each word's parts, as shares of the length; no parts for a word of which nothing was said.

    A word is one part, but where words stand without spaces: there the backend parts what is one word to us.
    """
    spans: list[list[tuple[str, _Span]]] = [[] for _ in words]
    on, left, told = -1, "", 0.0
    for part, share in shares:
        if part and not (left and left.startswith(part)):
            found = _place(words, on + 1, part)
            on, left = (on, "") if found is None else (found, words[found])
        if part and left:
            spans[on].append((part, (told, told + share)))
            left = left[len(part) :]
        told += share
    return spans


def _place(words: Sequence[str], since: int, part: str) -> int | None:
    """Find the first word that is this part, or begins with it where words stand without spaces."""
    later = range(since, len(words))
    whole = (at for at in later if words[at] == part)
    begun = (at for at in later if words[at].startswith(part) and any(ord(sign) >= WIDE_FROM for sign in words[at]))
    places = [at for at in (next(whole, None), next(begun, None)) if at is not None]
    return min(places, default=None)
