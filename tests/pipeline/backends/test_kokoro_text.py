"""Kokoro's signs and their order."""

from __future__ import annotations

import pytest

from pipeline.backends.kokoro.espeak_phonemes import Espeak
from pipeline.backends.kokoro.spelling import pieces


def signs(text: str, locale: str) -> str:
    from kokoro_onnx.config import DEFAULT_VOCAB

    return "".join(piece.signs for piece in pieces(Espeak().spell(text, locale), locale, DEFAULT_VOCAB))


def test_french_quotation_marks_are_those_the_model_knows() -> None:
    spelled = signs("« Venez ! » dit-elle.", "fr-FR")
    assert spelled.startswith("“")
    assert "”" in spelled
    assert "  " not in spelled


@pytest.mark.parametrize(
    ("text", "locale", "sign"),
    [
        ("better water", "en-US", "T"),
        ("l'enfant blanc", "fr-FR", "ɑ\u0303"),
        ("a mãe dorme", "pt-BR", "\u0303"),
        ("lo stesso giorno", "it-IT", "S"),
        ("la noche", "es-ES", "ʧ"),
    ],
)
def test_the_signs_are_those_of_the_models_training(text: str, locale: str, sign: str) -> None:
    assert sign in signs(text, locale)


@pytest.mark.parametrize("text", ["¡", "«", "…", "- -"])
def test_a_mark_alone_leaves_nothing_to_say(text: str) -> None:
    assert signs(text, "es-ES") == ""


@pytest.mark.parametrize(
    "text",
    [
        "With a lamp in one hand, Vesper began to climb the steps of the lighthouse.",
        "He went — with a sigh — to the edge of the sea.",
        "In a while, for a day, of the sea and with a bell.",
    ],
)
def test_no_word_is_lost_where_small_ones_run_together(text: str) -> None:
    groups = Espeak().spell(text, "en-GB")
    assert [word for group in groups for word in group.words] == text.split()
    assert all(group.phonemes.strip(" —,.") for group in groups if any(word.isalnum() for word in group.words))
