"""What the narrator's bench counts as misheard."""

from __future__ import annotations

import pytest

from tests.bench._same_sound import SameSound

ALIKE = [
    ("fr", "Il partit en retard.", "Il parti en retard."),
    ("it", "Sotto la neve sembrava addormentato.", "Sottola neve sembrava adormentato."),
    ("it", "Storie di balene.", "Storie di ballene."),
    ("en", "Two doors.", "2 doors"),
]
UNLIKE = [
    ("it", "Quando arrivò la pioggia.", "Quando arrivo la pioggia."),
    ("it", "La gente uscì in strada.", "La gente usci in strada."),
    ("es", "Trabajó toda la noche.", "Trabajo toda la noche."),
    ("fr", "Un papillon entra par la porte.", "Un papillon entra pour la porte."),
]


@pytest.mark.parametrize(("language", "line", "heard"), ALIKE)
def test_what_sounds_alike_is_not_misheard(language: str, line: str, heard: str) -> None:
    assert SameSound().compared(line, heard, language).wrong == 0


@pytest.mark.parametrize(("language", "line", "heard"), UNLIKE)
def test_a_stress_or_a_sound_that_differs_is_one_word_misheard(language: str, line: str, heard: str) -> None:
    assert SameSound().compared(line, heard, language).wrong == 1
