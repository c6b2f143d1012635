"""What the mood's readers reach."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from pipeline.backends.text_e5 import E5Reader, TextHead
from pipeline.cancelled import Cancelled
from pipeline.telling.explain import weigh
from pipeline.telling.fuse import RULES, SURE, ReadingContext, Rule, fuse
from pipeline.telling.studio import Studio
from pipeline.words.mood import Emotion, Mood
from tests.mood.reading import means_of
from tests.mood.regression import Array
from tests.mood.scores import calibration_error, confusion, macro_f1
from tests.mood.sentences import LANGUAGES, Sentence, goemotions, held_out
from tests.mood.text_training import labels_of

CLASSES = len(Emotion)
PAIRS, QUARRELS, PAIR_SEED = 2_000, 500, 9
EXPLAINED, EXPLAIN_SEED, LEAST_WORDS = 120, 4, 7
TOP = 3
_WORD = re.compile(r"[^\W\d_][\w'’-]*")


@dataclass(frozen=True)
class Read:
    """Sentences with what was read in them."""

    sentences: tuple[Sentence, ...]
    shares: Array

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """What they are."""
        return labels_of(self.sentences)

    @property
    def leading(self) -> npt.NDArray[np.int64]:
        """What was read first."""
        return np.asarray(self.shares.argmax(axis=1), np.int64)

    def of(self, wanted: npt.NDArray[np.bool_]) -> Read:
        """Some of them."""
        return Read(tuple(one for one, kept in zip(self.sentences, wanted, strict=True) if kept), self.shares[wanted])

    def f1(self) -> float:
        """Macro-F1 over the seven."""
        return macro_f1(self.labels, self.leading, range(CLASSES))


def read(sentences: Sequence[Sentence]) -> Read:
    """By the shipped head, from means that are kept between runs."""
    means = means_of([one.text for one in sentences]).astype(np.float32)
    return Read(tuple(sentences), TextHead.shipped().shares(means).astype(np.float64))


def text_figures() -> tuple[dict[str, float], dict[str, npt.NDArray[np.int64]]]:
    """Figures of the text reader, and a confusion table for each language."""
    told = read(held_out())
    by_language = {
        language: told.of(np.array([one.language == language for one in told.sentences])) for language in LANGUAGES
    }
    figures = {f"f1_{language}": part.f1() for language, part in by_language.items()}
    for kind, named in (("named", True), ("shown", False)):
        figures[f"f1_{kind}"] = told.of(np.array([one.named is named for one in told.sentences])).f1()
    public = goemotions("test")
    if public is not None:
        figures["f1_goemotions"] = read(public).f1()
    figures["ece"] = calibration_error(told.shares, told.labels)
    for language, part in by_language.items():
        figures[f"ece_{language}"] = calibration_error(part.shares, part.labels)
    tables = {language: confusion(part.labels, part.leading, CLASSES) for language, part in by_language.items()}
    return figures, tables


def ms_per_sentence(reader: E5Reader, count: int = 60) -> float:
    """The median over test sentences of all languages, one at a time, warm."""
    chosen = held_out()[:: max(1, len(held_out()) // count)]
    took = []
    for one in chosen:
        since_s = time.perf_counter()
        reader.read([one.text], one.language, Cancelled())
        took.append(time.perf_counter() - since_s)
    return 1_000 * float(np.median(took))


def fusion_figures(voices: Mapping[str, Sequence[Mood]]) -> dict[str, float]:
    """Held-out sentences paired with clips of held-out speakers, both of one class: fused against the better alone."""
    told = read([one for one in held_out() if str(one.emotion) in voices])
    chance = np.random.default_rng(PAIR_SEED)
    right = np.zeros(3)
    for _ in range(PAIRS):
        number = int(chance.integers(len(told.sentences)))
        sentence = told.sentences[number]
        clips = voices[str(sentence.emotion)]
        voice = clips[int(chance.integers(len(clips)))]
        words = mood_of(told.shares[number])
        fused = fuse(words, voice, ReadingContext(len(sentence.text.split()), 3.0)).mood
        right += [one.emotion is sentence.emotion for one in (words, voice, fused)]
    by_words, by_voice, by_both = 100 * right / PAIRS
    return {"fusion_words": by_words, "fusion_voice": by_voice, "fusion_both": by_both,
            "fusion_gain": by_both - max(by_words, by_voice)}  # fmt: skip


def quarrel_figures(voices: Mapping[str, Sequence[Mood]]) -> dict[str, float]:
    """Pairs of unlike classes, each read rightly and surely: how often what leads is what the rule table names."""
    told = read([one for one in held_out() if str(one.emotion) in voices])
    words = [mood_of(row) for row in told.shares]
    sure = [mood for mood, one in zip(words, told.sentences, strict=True) if _told(mood, one.emotion)]
    heard = [mood for name, clips in voices.items() for mood in clips if _told(mood, Emotion(name))]
    chance = np.random.default_rng(PAIR_SEED)
    judged = 0
    pairs = 0
    while pairs < QUARRELS:
        word, voice = sure[int(chance.integers(len(sure)))], heard[int(chance.integers(len(heard)))]
        if word.emotion is voice.emotion:
            continue
        pairs += 1
        rule = next(one for one in RULES if word.emotion in one.words and voice.emotion in one.voice)
        feeling = fuse(word, voice)
        judged += (feeling.rule, feeling.mood.emotion) == (rule.name, _leader(rule, word, voice))
    return {"quarrels_by_table": judged / QUARRELS}


def _told(mood: Mood, emotion: Emotion) -> bool:
    return mood.emotion is emotion and mood.certainty >= SURE


def _leader(rule: Rule, words: Mood, voice: Mood) -> Emotion:
    return words.emotion if rule.words_share >= 0.5 else voice.emotion


def mood_of(shares: Array) -> Mood:
    """A row as a mood, as certain as its largest share."""
    return Mood.of(dict(zip(Emotion, shares.tolist(), strict=True)), certainty=float(shares.max()))


def deletion_agreement(reader: E5Reader) -> float:
    """How often the three words named by an explanation matter more than three drawn by lot."""
    studio = _studio_of(reader)
    chance = np.random.default_rng(EXPLAIN_SEED)
    long = [one for one in held_out() if len(_WORD.findall(one.text)) >= LEAST_WORDS]
    chosen = [long[number] for number in chance.choice(len(long), EXPLAINED, replace=False)]
    return float(np.mean([_agrees(one, reader, studio, chance) for one in chosen]))


def _agrees(sentence: Sentence, reader: E5Reader, studio: Studio, chance: np.random.Generator) -> bool:
    words = list(_WORD.finditer(sentence.text))
    whole, *_ = reader.read([sentence.text], sentence.language, Cancelled())
    named = {one.what for one in weigh(sentence.text, sentence.language, studio)[1][:TOP]}
    top = [word for word in words if word.group() in named][:TOP]
    lot = [words[number] for number in chance.choice(len(words), TOP, replace=False)]
    texts = [_without(sentence.text, top), _without(sentence.text, lot)]
    without_top, without_lot = reader.read(texts, sentence.language, Cancelled())
    return without_top.weights.get(whole.emotion, 0.0) <= without_lot.weights.get(whole.emotion, 0.0)


def _without(text: str, words: Sequence[re.Match[str]]) -> str:
    for word in sorted(words, key=lambda one: -one.start()):
        text = text[: word.start()] + text[word.end() :]
    return re.sub(r"\s{2,}", " ", text).strip()


def _studio_of(reader: E5Reader) -> Studio:
    @contextmanager
    def borrow(role: type[Any], **needs: Any) -> Iterator[Any]:
        yield reader

    return Studio(cast(Any, borrow), cast(Any, None), cast(Any, None), print, Cancelled())
