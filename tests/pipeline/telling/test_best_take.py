"""The take that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipeline.backends.narrate_espeak import EspeakNarrator
from pipeline.cancelled import Cancelled
from pipeline.roles import Delivery, Utterance
from pipeline.speaking.acting import Played
from pipeline.speaking.cast import SpeakerVoice
from pipeline.speaking.script import Breath, breaths_of
from pipeline.telling.best_take import TakePicker, whole
from pipeline.words.mood import Emotion, Mood
from pipeline.words.sound import RATE_HZ, Recording, Transcript

TEXT = "In 1987 the old keeper climbed the stairs once more."


def breath() -> Breath:
    (one,) = breaths_of(TEXT, SpeakerVoice("espeak_en_m"), Played(), "en", 7, Mood.pure(Emotion.NEUTRAL), {})
    return one


class Stumbling(EspeakNarrator):
    """A real narrator whose first takes go wrong as models' do."""

    def __init__(self, *wrong: str) -> None:
        super().__init__()
        self.wrong = list(wrong)
        self.seeds: list[int] = []

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        self.seeds.append(delivery.seed)
        for made in super().speak(text, delivery, check):
            match self.wrong.pop(0) if self.wrong else "":
                case "cut":
                    yield replace(made, samples=made.samples[: RATE_HZ // 4])
                case "runaway":
                    yield replace(made, samples=np.tile(made.samples, 5))
                case "silent":
                    yield replace(made, samples=np.zeros_like(made.samples))
                case _:
                    yield made


class Ears:
    """Hears the words given to it, one hearing after the other."""

    def __init__(self, *heard: str) -> None:
        self.heard = list(heard)

    def transcribe(self, recording: Recording, language: str | None, check: Cancelled) -> Transcript:
        return Transcript(self.heard.pop(0), language or "en", 1.0)


def kept(narrator: Stumbling, ears: Ears | None = None) -> Utterance:
    one, check = breath(), Cancelled()
    return TakePicker(narrator, check, ears).best(one, narrator.speak(one.text, one.delivery, check))


def test_a_cut_a_runaway_and_a_silent_take_are_taken_again_with_another_seed() -> None:
    for fault in ("cut", "runaway", "silent"):
        narrator = Stumbling(fault)
        made = kept(narrator)
        assert 2 < len(made.samples) / RATE_HZ < 6
        assert float(np.abs(made.samples).max()) > 0.1
        assert len(set(narrator.seeds)) == 2


def test_the_better_of_two_bad_takes_is_kept() -> None:
    narrator = Stumbling("silent", "runaway")
    assert float(np.abs(kept(narrator).samples).max()) > 0.1
    assert len(narrator.seeds) == 2


def test_a_good_take_is_not_taken_again() -> None:
    narrator = Stumbling()
    kept(narrator, Ears("in 1987 the old keeper climbed the stairs once more"))
    assert len(narrator.seeds) == 1


def test_words_that_were_not_heard_are_said_again() -> None:
    narrator = Stumbling()
    kept(narrator, Ears("the old", TEXT))
    assert len(narrator.seeds) == 2


def test_pieces_are_joined_with_the_shares_of_their_words() -> None:
    pieces = [Utterance(np.ones(300, np.float32), (("a", 1.0),)), Utterance(np.ones(100, np.float32), (("b", 1.0),))]
    joined = whole(iter(pieces))
    assert joined.shares == (("a", 0.75), ("b", 0.25))
    assert len(whole(iter([])).samples) == 0
