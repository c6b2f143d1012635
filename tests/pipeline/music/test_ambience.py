"""What the place sounds like."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio.surroundings import read_surroundings
from pipeline.music.ambience import CALLS, KINDS, Ambiences
from pipeline.words.sound import RATE_HZ

SECONDS = 16 * RATE_HZ


@pytest.fixture(scope="module")
def ambiences() -> Ambiences:
    return Ambiences(5)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_place_sounds_steady_and_alike_each_time(ambiences: Ambiences, kind: str) -> None:
    sound = ambiences.around([kind], 0, SECONDS, [])
    assert sound is not None
    assert sound.shape == (SECONDS, 2)
    assert np.isfinite(sound).all()
    assert float(np.sqrt(np.mean(np.square(sound)))) == pytest.approx(0.1, rel=0.2)
    again = Ambiences(5).around([kind], 0, SECONDS, [])
    assert again is not None
    assert (again == sound).all()


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_place_goes_on_from_passage_to_passage(ambiences: Ambiences, kind: str) -> None:
    whole = ambiences.around([kind], 0, SECONDS, [])
    later = ambiences.around([kind], 7 * RATE_HZ, SECONDS - 7 * RATE_HZ, [])
    assert whole is not None
    assert later is not None
    assert (whole[7 * RATE_HZ :] == later).all()


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_loop_closes_without_a_click(ambiences: Ambiences, kind: str) -> None:
    whole = ambiences.around([kind], 0, 30 * RATE_HZ, [])
    assert whole is not None
    steps = np.abs(np.diff(whole, axis=0)).max(axis=1)
    seam = steps[12 * RATE_HZ - 2 : 12 * RATE_HZ + 2].max()
    assert seam <= np.quantile(steps, 0.9999) * 1.5


@pytest.mark.parametrize("kind", list(CALLS))
def test_creatures_call_in_pauses_alone(ambiences: Ambiences, kind: str) -> None:
    pauses = [(2 * RATE_HZ, 4 * RATE_HZ), (8 * RATE_HZ, 9 * RATE_HZ), (12 * RATE_HZ, 15 * RATE_HZ)]
    quiet = ambiences.around([kind], 0, SECONDS, [])
    calling = ambiences.around([kind], 0, SECONDS, pauses)
    assert quiet is not None
    assert calling is not None
    changed = np.flatnonzero(np.abs(calling - quiet).max(axis=1) > 0)
    assert len(changed)
    inside = np.zeros(SECONDS, bool)
    for start, end in pauses:
        inside[start:end] = True
    assert inside[changed].all()


def test_no_place_is_no_sound(ambiences: Ambiences) -> None:
    assert ambiences.around([], 0, 100, []) is None
    assert ambiences.around(["moonbase"], 0, 100, []) is None


@pytest.mark.parametrize(
    ("text", "language", "kinds"),
    [
        ("It rained on the old lighthouse while waves crashed.", "en", {"rain", "sea"}),
        ("A chuva caía sobre o faroleiro.", "pt", {"rain", "sea"}),
        ("El viento soplaba en la cueva.", "es", {"wind", "cave"}),
        ("Un feu brûlait dans la nuit.", "fr", {"fire", "night"}),
        ("Die Vögel sangen im Wald.", "de", {"forest"}),
        ("La folla nella piazza, e il temporale.", "it", {"crowd", "rain"}),
        ("जंगल में बारिश", "hi", {"forest", "rain"}),
        ("夜の海", "ja", {"night", "sea"}),
        ("山洞里的火焰", "zh", {"cave", "fire", "wind"}),
        ("A remarkable window startled the season.", "en", set()),
        ("Rain", "xx", set()),
    ],
)
def test_words_bring_their_place(text: str, language: str, kinds: set[str]) -> None:
    found = read_surroundings().heard_in(text, language)
    assert len(found) <= 2
    assert set(found) <= kinds
    assert bool(found) == bool(kinds)


def test_every_place_is_named_in_nine_languages() -> None:
    words = read_surroundings().words
    assert set(words) == set(KINDS)
    for kind in words.values():
        assert set(kind) >= {"en", "pt", "es", "fr", "it", "de", "hi", "ja", "zh"}
