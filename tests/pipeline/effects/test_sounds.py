"""Things sound, and never twice alike."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio.surroundings import named
from pipeline.effects.mentions import effect_words
from pipeline.effects.recipes import MOST_S, body_samples, effect_sound, recipes
from pipeline.words.sound import RATE_HZ, Samples
from tests.bench._alike import likeness

KINDS = sorted(recipes())
LANGUAGES = ("de", "en", "es", "fr", "it", "pt")


def heard(kind: str, seed: int) -> Samples:
    return effect_sound(kind, np.random.default_rng([seed, *kind.encode()]))


@pytest.mark.parametrize("kind", KINDS)
def test_every_thing_is_heard_and_is_short(kind: str) -> None:
    sound = heard(kind, 3)
    assert np.isfinite(sound).all()
    assert 0.05 < len(sound) / RATE_HZ <= MOST_S
    assert 0 < body_samples(sound) <= len(sound)
    assert np.abs(sound[-10:]).max() < 1e-2 * np.abs(sound).max(), "it ends without a click"


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_is_the_same_sound_and_another_seed_another(kind: str) -> None:
    assert (heard(kind, 5) == heard(kind, 5)).all()
    assert likeness([heard(kind, seed) for seed in (5, 6, 7)]).max() < 0.95


def test_a_sound_is_like_itself_wherever_it_begins() -> None:
    knock = heard("knock", 1)
    late = np.concatenate([np.zeros(2_345, np.float32), 0.3 * knock])
    assert likeness([knock, late]).max() > 0.99


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_and_a_caption_for_every_thing(language: str) -> None:
    table = effect_words()[language]
    assert set(table.words) == set(KINDS)
    assert all(len(named((kind,), language)) == 1 for kind in KINDS)
    if language != "en":
        assert sum(named((kind,), language) == named((kind,), "en") for kind in KINDS) <= 3
    assert table.unreal
    assert all(kind in KINDS for frame in table.frames.values() for kind in frame.words)
