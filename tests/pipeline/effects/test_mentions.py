"""What happens is found, nothing else."""

from __future__ import annotations

import pytest

from pipeline.effects.mentions import mentions


def kinds(text: str, language: str = "en", frame: str = "") -> list[str]:
    return [one.kind for one in mentions(text.split(), language, frame)]


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "She knocked three times, and the door opened.", ["knock", "door_open"]),
        ("en", "At midnight the great bell rang, although no one had touched it.", ["bell"]),
        ("en", "He lit a match. Thunder rolled over the hills.", ["match", "thunder"]),
        ("de", "Er machte leise die Tür auf, und der Schnee knirschte.", ["door_open", "steps_snow"]),
        ("fr", "On frappa à la porte, et l'horloge sonna.", ["knock", "chime"]),
        ("es", "El reloj dio las doce y alguien llamó a la puerta.", ["chime", "knock"]),
        ("pt", "Bateram na porta, e o portão se abriu.", ["knock", "door_open"]),
        ("it", "La porta si aprì e la campana suonò.", ["door_open", "bell"]),
    ],
)
def test_what_happens_is_found_in_order(language: str, text: str, wanted: list[str]) -> None:
    assert kinds(text, language) == wanted


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "No bell rang that night."),
        ("en", "Nobody knocked, and the door did not open."),
        ("en", "It rang a bell with her."),
        ("en", "He had a stormy temper."),
        ("en", "It sounded like a knock at a door."),
        ("en", "Who rang the bell?"),
        ("en", "Her heart hammered, and she shut both eyes."),
        ("en", "If the bell rang, she would run."),
        ("en", "He waited for the clock to strike."),
        ("de", "Die Glocke läutete nicht, und niemand klopfte."),
        ("fr", "La cloche ne sonna pas."),
        ("es", "Nadie llamó a la puerta."),
        ("pt", "O sino não tocou."),
        ("it", "Nessuno bussò."),
    ],
)
def test_what_did_not_happen_or_only_sounds_so_is_not_heard(language: str, text: str) -> None:
    assert kinds(text, language) == []


def test_a_clause_does_not_answer_for_its_neighbour() -> None:
    assert kinds("Nobody spoke, and the bell rang.") == ["bell"]
    assert kinds("Die Glocke läutete. Niemand kam.", "de") == ["bell"]


def test_a_frame_knows_its_own_words_first() -> None:
    assert kinds("Bubbles had been left behind.") == ["bubbles"]
    assert kinds("Bubbles had been left behind.", frame="failed") == []


def test_a_language_without_a_table_is_told_without_effects() -> None:
    assert kinds("ドアが開いた。", "ja") == []
