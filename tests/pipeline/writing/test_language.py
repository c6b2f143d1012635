"""Which language a text is in."""

from __future__ import annotations

import pytest

from pipeline.writing.language import detect, kept
from pipeline.writing.tongue import contracted


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("A lighthouse keeper befriends a storm", "en"),
        ("Um robô velho aprende a plantar um jardim na lua", "pt"),
        ("Lucía busca una estrella perdida en el desierto", "es"),
        ("Une horlogère cherche l'heure perdue dans un château", "fr"),
        ("Un vecchio pescatore trova una stella nel mare", "it"),
        ("Eine kleine Hexe sucht ihren Besen im Wald", "de"),
        ("灯台守と嵐の話をして", "ja"),
        ("一个老机器人在月亮上种花园", "zh"),
        ("حارس المنارة يصادق العاصفة", "ar"),
        ("रोबोट और चाँद की कहानी", "hi"),
        ("🦊", "en"),
        ("", "en"),
        ("dragon", "en"),
    ],
)
def test_a_prompt_is_heard_in_its_language(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        ("a owl, a hour, an unicorn, a one-eyed cat", "an owl, an hour, a unicorn, a one-eyed cat"),
        ("a European owl with a umbrella", "a European owl with an umbrella"),
    ],
)
def test_an_english_article_goes_by_the_sound(told: str, heard: str) -> None:
    assert contracted(told, "en") == heard


def test_a_sentence_that_slips_into_another_language_is_noticed() -> None:
    assert not kept("the old man walked to the sea and he was sad", "pt")
    assert kept("o velho foi até o mar e não quis voltar para casa", "pt")
