"""Disguises hide nothing, and harmless words pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.gate.word_filter import DANGER, hold_out_of_danger, hold_to_words, in_danger
from bot.library.records import ServerSettings
from pipeline.errors import Refused
from pipeline.words.folding import read
from pipeline.words.prompt import Rating

OPEN = ServerSettings()


@pytest.mark.parametrize(
    "wish",
    [
        "a p0rn story", "a p.o.r.n story", "a p o r n story", "a pоrn story", "a PORN!!! story", "a pör\u0300n story",
        "a po\u200brn story", "a poooorn story", "a po-rn story", "une histoire érotique", "ｐｏｒｎ",
    ],
)  # fmt: skip
def test_a_forbidden_word_is_known_under_its_disguises(wish: str) -> None:
    with pytest.raises(Refused, match="prompt_unfit"):
        hold_to_words(wish, OPEN, Rating.TEEN)
    hold_to_words(wish, OPEN, Rating.ADULT)


@pytest.mark.parametrize(
    "wish",
    [
        "a duck in Essex at 5pm", "un cono de helado", "a bassoon and a class of 1337 assassins", "Scunthorpe United",
        "the river Niger", "мама и папа", "a b c of the sea", "It is 4:50, e.g. a. b. c.", "der Dickicht-Weg", "",
        "il râpe du fromage râpé", "a walk of 10 kms", "quiero cortarme el pelo",
    ],
)  # fmt: skip
def test_harmless_words_pass(wish: str) -> None:
    hold_to_words(wish, OPEN, Rating.ALL)
    assert not in_danger(read(wish))


def test_a_server_adds_words_stems_and_phrases_of_its_own() -> None:
    rules = replace(OPEN, bad_words=("heron", "Spoil*", "the red queen", "кошк*", " "))
    for wish in ("a h3ron", "spoilers ahead", "then the  RED, queen came", "маленькая кошка"):
        with pytest.raises(Refused, match="words_unwelcome"):
            hold_to_words(wish, rules, Rating.ADULT)
    hold_to_words("a herring, a queen, a red hen", rules, Rating.ADULT)


@pytest.mark.parametrize(
    ("wish", "locale", "line"),
    [
        ("I want to kill myself", "en-US", "988"),
        ("não quero mais viver", "pt-BR", "188"),
        ("Ya no quiero vivir.", "es-ES", "024"),
        ("je veux m o u r i r, j’ai envie de mourir", "fr", "3114"),
        ("ich möchte sterben", "de", "0800 111 0 111"),
        ("i want to d1e", "de", "0800 111 0 111"),
        ("a tale of s u i c i d e", "en-GB", "116 123"),
    ],
)
def test_whoever_is_in_danger_reads_who_listens(wish: str, locale: str, line: str) -> None:
    with pytest.raises(Refused) as refused:
        hold_out_of_danger(wish, locale)
    assert refused.value.code == DANGER
    assert line in refused.value.fields["lines"]
