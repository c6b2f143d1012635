"""Wishes, spoken with pauses, fillers and noise."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from pipeline.backends.narrate_espeak import EspeakNarrator
from pipeline.backends.narrate_kokoro import open_backend
from pipeline.cancelled import Cancelled
from pipeline.roles import Delivery, Narrator, Utterance
from pipeline.words.sound import RATE_HZ
from tests.mood.reading import KEPT, weights

Pcm = npt.NDArray[np.int16]
Sound = npt.NDArray[np.float32]
WISHES = Path(__file__).parent / "wishes_read.tsv"
FILLERS = {
    "en": ("um,", "hm,", "uh,"), "pt": ("hum,", "é,"), "es": ("eh,", "este,"), "fr": ("euh,", "hum,"),
    "it": ("ehm,", "eh,"), "de": ("ähm,", "hm,"),
}  # fmt: skip
BEGINNINGS = {
    "en": "tell me a story about ", "pt": "conta a história de ", "es": "cuéntame algo de ",
    "fr": "raconte une histoire sur ", "it": "raccontami di ", "de": "erzähl mir von ",
}  # fmt: skip
"""Before wishes of a few words, as one speaks them."""
VOICES = {
    "en": ("af_heart", "am_michael", "bf_emma", "bm_george", "af_sarah", "am_puck"), "pt": ("pf_dora", "pm_alex"),
    "es": ("ef_dora", "em_alex"), "fr": ("ff_siwis",), "it": ("if_sara", "im_nicola"),
    "de": ("espeak_de_f", "espeak_de_m"),
}  # fmt: skip
KINDS = ("pause", "filler", "through", "pauses", "filler", "through", "pause")
LEAST_WORDS = 6
PAUSES_S = (0.3, 1.6)
LEVEL, AFTER_S, BEFORE_S = 0.35, 4.0, 0.5
_HEARD = 10 ** (-35 / 20)
"""Of the loudest: what is fainter is no part of a word."""
_SILENT = 10 ** (-38 / 20)
_KEPT_HZ = 24_000


@dataclass(frozen=True)
class SpokenWish:
    """One wish as a microphone gave it, with the truth about it."""

    language: str
    text: str
    kind: str
    """One of KINDS."""
    pcm: Pcm
    """Mono at 48 kHz, with silence or noise before and after."""
    pauses: tuple[tuple[float, float], ...]
    """From, to, in seconds: nobody is done there."""
    end_s: float
    """Where the last word ends."""


def wishes(count: int, seed: int = 1, texts: Sequence[tuple[str, str]] = ()) -> list[SpokenWish]:
    """So many, the languages in turn; two thirds stop on the way, with a pause, two, or a filler."""
    chance = np.random.default_rng(seed)
    rows = list(texts) or _rows()
    with _narrators() as speak:
        return [_wish(nth, *rows[nth % len(rows)], chance, speak) for nth in range(count)]


def _rows() -> list[tuple[str, str]]:
    """(language, wish), the languages in turn."""
    told = [tuple(row.split("\t")[:2]) for row in WISHES.read_text(encoding="utf-8").splitlines()]
    by_language = {code: [text for one, text in told if one == code] for code in VOICES}
    rounds = max(map(len, by_language.values()))
    return [(code, texts[nth]) for nth in range(rounds) for code, texts in by_language.items() if nth < len(texts)]


Speak = Callable[[str, str, str], Utterance]


class _narrators:  # noqa: N801 - used as a function is
    """Both narrators behind one call; what they said is kept between runs."""

    def __enter__(self) -> Speak:
        self._kokoro: Narrator | None = None
        self._espeak = EspeakNarrator()
        return self._speak

    def __exit__(self, *_: object) -> None:
        if self._kokoro is not None:
            self._kokoro.close()  # type: ignore[attr-defined] # every backend is Closable

    def _speak(self, text: str, voice: str, language: str) -> Utterance:
        file = KEPT / "spoken" / f"{hashlib.sha256(f'{voice} {language} {text}'.encode()).hexdigest()[:24]}.npz"
        if not file.is_file():
            made = self._made(text, voice, language)
            file.parent.mkdir(parents=True, exist_ok=True)
            kept = soxr.resample(made.samples, RATE_HZ, _KEPT_HZ)
            words, shares = zip(*made.shares, strict=True) if made.shares else ((), ())
            np.savez(file, sound=np.asarray(kept * 32_000, np.int16), words=words, shares=shares)
        with np.load(file, allow_pickle=False) as told:
            sound = soxr.resample(told["sound"].astype(np.float32) / 32_000, _KEPT_HZ, RATE_HZ)
            shares = tuple((str(word), float(share)) for word, share in zip(told["words"], told["shares"], strict=True))
        return Utterance(np.asarray(sound, np.float32), shares)

    def _made(self, text: str, voice: str, language: str) -> Utterance:
        if voice.startswith("espeak"):
            return next(self._espeak.speak(text, Delivery(voice, language), Cancelled()))
        self._kokoro = self._kokoro or open_backend(weights("kokoro-82m"), 1)
        pieces = list(self._kokoro.speak(text, Delivery(voice, language), Cancelled()))
        whole = np.concatenate([one.samples for one in pieces])
        return Utterance(whole, pieces[0].shares if len(pieces) == 1 else ())


def _wish(nth: int, language: str, text: str, chance: np.random.Generator, speak: Speak) -> SpokenWish:
    text = text.rstrip(" .")
    if len(text.split()) < LEAST_WORDS and not text.endswith("?"):
        text = BEGINNINGS[language] + text
    text += "" if text.endswith(("?", "!")) else "."
    kind = KINDS[nth % len(KINDS)]
    voice = VOICES[language][int(chance.integers(len(VOICES[language])))]
    said = _hesitant(text, kind, language, chance)
    sound, gaps = speak(said, voice, language).samples, said.count(",") - text.count(",")
    places = _silences(sound, gaps)
    parts, pauses, since, at_s = [np.zeros(round(BEFORE_S * RATE_HZ), np.float32)], [], 0, BEFORE_S
    for first, last in places:
        pause = np.zeros(round(_pause_s(chance) * RATE_HZ), np.float32)
        parts += [sound[since:last], pause]
        pauses.append((at_s + (first - since) / RATE_HZ, at_s + (last - since + len(pause)) / RATE_HZ))
        since, at_s = last, at_s + (last - since + len(pause)) / RATE_HZ
    end_s = at_s + _length_s(sound[since:])
    whole = np.concatenate([*parts, sound[since:], np.zeros(round(AFTER_S * RATE_HZ), np.float32)])
    whole *= LEVEL / (np.abs(whole).max() + 1e-9)
    noisy = np.clip(whole + _noise(len(whole), nth, chance, pauses), -1, 1)
    return SpokenWish(language, text, kind, np.asarray(noisy * 32_767, np.int16), tuple(pauses), end_s)


def _hesitant(text: str, kind: str, language: str, chance: np.random.Generator) -> str:
    """The wish as somebody says it who stops on the way: the narrator knows that more comes, and sounds so."""
    words = text.split()
    count = {"through": 0, "pause": 1, "filler": 1, "pauses": 2}[kind]
    free = [at for at in range(2, len(words) - 1) if not words[at - 1].endswith(",")]
    for at in sorted(chance.choice(free, min(count, len(free)), replace=False).tolist(), reverse=True):
        words[at - 1] += ","
        if kind == "filler":
            words.insert(at, FILLERS[language][int(chance.integers(len(FILLERS[language])))])
    return " ".join(words)


def _silences(sound: Sound, count: int) -> list[tuple[int, int]]:
    """The longest silent stretches inside, in order: where the narrator drew breath at our commas."""
    step = RATE_HZ // 200
    levels = np.abs(sound[: len(sound) // step * step]).reshape(-1, step).max(axis=1)
    quiet = np.flatnonzero(np.diff(np.r_[0, levels < levels.max() * _SILENT, 0]))
    spans = [(int(first) * step, int(last) * step) for first, last in quiet.reshape(-1, 2)]
    inside = [(first, last) for first, last in spans if first > 0 and last < len(levels) * step]
    return sorted(sorted(inside, key=lambda span: span[0] - span[1])[:count])


def _pause_s(chance: np.random.Generator) -> float:
    return float(np.exp(chance.uniform(*np.log(PAUSES_S))))


def _length_s(part: Sound) -> float:
    heard = np.flatnonzero(np.abs(part) > np.abs(part).max() * _HEARD)
    return float(heard[-1] + 1) / RATE_HZ if len(heard) else 0.0


def _noise(length: int, nth: int, chance: np.random.Generator, pauses: Sequence[tuple[float, float]]) -> Sound:
    """Quiet, hiss, a humming room, a breath in each pause, by turns."""
    kind = (nth + nth // len(VOICES)) % 4
    quiet = chance.normal(0, 1e-4, length).astype(np.float32)
    if kind == 1:
        return quiet + chance.normal(0, LEVEL * 10 ** (chance.uniform(-45, -32) / 20), length).astype(np.float32)
    if kind == 2:
        spectrum = np.fft.rfft(chance.normal(0, 1, length)) / np.maximum(1.0, np.arange(length // 2 + 1)) ** 0.5
        room = np.fft.irfft(spectrum, length)
        return np.asarray(quiet + room / room.std() * LEVEL * 10 ** (chance.uniform(-45, -30) / 20), np.float32)
    if kind == 3:
        for since, until in pauses:
            breath = chance.normal(0, 1, round(min(0.35, until - since) * RATE_HZ))
            shaped = np.convolve(breath, np.hanning(24), "same") * np.hanning(len(breath)) * LEVEL * 0.01
            at = round(since * RATE_HZ)
            quiet[at : at + len(shaped)] += shaped[: len(quiet) - at].astype(np.float32)
    return quiet
