"""The mood's sentences, and the public ones."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pipeline.places import DATA
from pipeline.words.mood import Emotion

MOOD = DATA / "mood"
LANGUAGES = ("en", "pt", "es", "fr")
CORPORA = "ECHOTALES_CORPORA"
"""A folder of git repositories or checkouts, each named owner+name, for measuring and training; never shipped."""
GOEMOTIONS = "monologg+GoEmotions-pytorch"


@dataclass(frozen=True)
class Sentence:
    """One example."""

    text: str
    emotion: Emotion
    language: str
    named: bool = False
    """Whether a word of it names the feeling; known for tests only."""


def training() -> list[Sentence]:
    """What we wrote to learn from, in a fixed order."""
    return [
        Sentence(line, emotion, language)
        for language in LANGUAGES
        for emotion in Emotion
        for line in (MOOD / "train" / f"{language}_{emotion}.txt").read_text(encoding="utf-8").splitlines()
    ]


def held_out() -> list[Sentence]:
    """What we wrote first and apart, and never learn from."""
    found = []
    for language in LANGUAGES:
        for line in (MOOD / "test" / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
            emotion, kind, text = line.split("\t")
            found.append(Sentence(text, Emotion(emotion), language, kind == "named"))
    return found


def calibration() -> list[Sentence]:
    """What certainties and penalties are set by: neither learned from nor tested on."""
    rows = (line.split("\t") for line in (MOOD / "calibration.tsv").read_text(encoding="utf-8").splitlines())
    return [Sentence(text, Emotion(emotion), language) for emotion, language, text in rows]


def corpora() -> Path | None:
    """Where the public corpora lie on this machine, if the operator says so."""
    folder = os.environ.get(CORPORA)
    return Path(folder).expanduser() if folder and Path(folder).expanduser().is_dir() else None


def goemotions(part: str) -> list[Sentence] | None:
    """Its sentences of one single class, by Ekman's classes; None where the corpus is not on this machine."""
    text = corpus_file(GOEMOTIONS, f"data/ekman/{part}.tsv")
    names = corpus_file(GOEMOTIONS, "data/ekman/labels.txt")
    if text is None or names is None:
        return None
    classes = names.decode().split()
    rows = (line.split("\t")[:2] for line in text.decode().splitlines())
    return [Sentence(said, Emotion(classes[int(number)]), "en") for said, number in rows if "," not in number]


def fine_goemotions() -> list[tuple[str, int]]:
    """Its training sentences with one of its own 28 classes; empty where the corpus is not on this machine."""
    text = corpus_file(GOEMOTIONS, "data/original/train.tsv") or b""
    rows = (line.split("\t")[:2] for line in text.decode().splitlines())
    return [(said, int(number)) for said, number in rows if "," not in number]


def corpus_file(repository: str, path: str) -> bytes | None:
    """One file of a corpus, out of a checkout or of a bare git folder."""
    folder = corpora()
    if folder is None:
        return None
    if (folder / repository / path).is_file():
        return (folder / repository / path).read_bytes()
    git = ["git", "--git-dir", str(folder / repository / "repo")]
    shown = subprocess.run([*git, "show", f"HEAD:{path}"], capture_output=True)
    return shown.stdout if shown.returncode == 0 else None


def four_grams(text: str) -> set[tuple[str, ...]]:
    """Every four words in a row."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + 4]) for start in range(len(words) - 3)}
