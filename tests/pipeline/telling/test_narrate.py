"""Passages as they are spoken."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.artifacts import Artifacts
from pipeline.audio.decode import read_stem
from pipeline.audio.loudness import loudness
from pipeline.backends.narrate_espeak import EspeakNarrator
from pipeline.backends.narrate_kokoro import open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, Unserved, Unwell
from pipeline.roles import Delivery, Narrator, Transcriber, Utterance, Voice
from pipeline.telling.narrate import NarratedPassage, narrate
from pipeline.telling.studio import Studio, remembered
from pipeline.words.event import Event, Narrated
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt, Speaking
from pipeline.words.sound import RATE_HZ, Recording, Spoken, Transcript
from pipeline.words.story import Facts, Line, Passage, Person, Plan

CALM = Mood.pure(Emotion.NEUTRAL)
PLAN = Plan("A storm", "en", "fairy_tale", 7, Feeling(CALM), Facts(Person("Mira", "hero", "f")), (), 0)
KNOCK = Passage(0, 0, "The keeper heard a knock.", (Line("The keeper heard a knock."),), CALM)
WHO = Passage(
    0, 1, '"Who is there?" whispered Mira.', (Line("Who is there?", "Mira", "whispered"), Line("whispered Mira.")), CALM
)
END = Passage(1, 2, "It was 10:30.", (Line("It was 10:30."),), CALM, closes_scene=True, closes_tale=True)
TALE = (KNOCK, WHO, END)


class Studios:
    """A studio over real narrators, the first first; remembers steps as the road does."""

    def __init__(self, folder: Path, *narrators: Narrator) -> None:
        self.artifacts = Artifacts(folder)
        self.narrators = narrators
        self.kept: dict[tuple[str, str], Any] = {}
        self.events: list[Event] = []
        self.borrowed = 0
        self.ears: Ears | None = None
        """Lent for whatever a borrower needs; None for a machine without time to spare."""

    @contextmanager
    def borrow(self, role: type[Any], **needs: Any) -> Iterator[Any]:
        self.borrowed += 1
        if role is Transcriber:
            if self.ears is None:
                raise Unserved("role_unserved", role=role.__name__)
            yield self.ears
            return
        left = self.narrators[needs.get("stand_in", 0) :]
        if not left:
            raise Unserved("role_unserved", role=role.__name__)
        yield left[0]

    def once(self, stage: str, unit: str, kind: Any, work: Callable[[], Any]) -> Any:
        if (stage, unit) not in self.kept:
            self.kept[stage, unit] = remembered(kind, work())
        return self.kept[stage, unit]

    def told(self, prompt: Prompt, passages: Sequence[Passage] = TALE, plan: Plan = PLAN) -> list[NarratedPassage]:
        studio = Studio(self.borrow, self.artifacts, self.once, self.events.append, Cancelled())
        return list(narrate(prompt, plan, passages, studio))


class Ears:
    """Hears what was said, but once loses all of it."""

    def __init__(self, *said: str, deaf: int) -> None:
        self._said, self._deaf = said, deaf
        self.asked = 0

    def transcribe(self, recording: Recording, language: str | None, check: Cancelled) -> Transcript:
        self.asked += 1
        return Transcript("" if self.asked == self._deaf else " ".join(self._said), language or "en", 1.0)


class Broken:
    """A narrator whose model fails in the middle of a tale."""

    def __init__(self, inner: Narrator, good: int) -> None:
        self._inner, self._left = inner, good

    def voices(self) -> tuple[Voice, ...]:
        return self._inner.voices()

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        self._left -= 1
        if self._left < 0:
            raise Unwell("model_failed", model="broken", why="out of memory")
        yield from self._inner.speak(text, delivery, check)


@pytest.fixture(scope="module")
def plain() -> EspeakNarrator:
    return EspeakNarrator()


def test_lines_follow_each_other_from_the_downbeat(tmp_path: Path, plain: EspeakNarrator) -> None:
    told = Studios(tmp_path, plain).told(Prompt("", 7))
    for one in told:
        edges = [edge for line in one.spoken.lines for edge in (line.start, line.end)]
        assert edges == sorted(edges)
        assert 0 < edges[0] < 0.2 * RATE_HZ
        assert 0.25 * RATE_HZ < one.spoken.samples - edges[-1] < 1.2 * RATE_HZ
        stem = read_stem(tmp_path / one.spoken.voice.sha256[:2] / f"{one.spoken.voice.sha256}.wav")
        assert stem.shape == (one.spoken.samples,)
    assert [line.speaker for line in told[1].spoken.lines] == ["Mira", "narrator"]
    assert len({line.voice for line in told[1].spoken.lines}) == 2


def test_every_written_word_has_its_time(tmp_path: Path, plain: EspeakNarrator) -> None:
    for one in Studios(tmp_path, plain).told(Prompt("", 7)):
        for line in one.spoken.lines:
            assert [word.text for word in line.words] == line.text.split()
            assert line.start / RATE_HZ <= line.words[0].start_s
            assert line.words[-1].end_s <= line.end / RATE_HZ + 1e-6


def test_a_tale_told_again_from_memory_needs_no_narrator(tmp_path: Path, plain: EspeakNarrator) -> None:
    studios = Studios(tmp_path, plain)
    first = studios.told(Prompt("", 7))
    borrowed, studios.narrators = studios.borrowed, ()
    assert studios.told(Prompt("", 7)) == first
    assert studios.borrowed == borrowed
    assert [one.spoken for one in studios.events if isinstance(one, Narrated)] == [one.spoken for one in first] * 2


def test_a_narrator_that_fails_is_stood_in_for_and_the_tale_goes_on(tmp_path: Path, plain: EspeakNarrator) -> None:
    told = Studios(tmp_path, Broken(plain, 2), plain).told(Prompt("", 7))
    assert [len(one.spoken.lines) for one in told] == [1, 2, 1]


def test_with_no_stand_in_the_first_failure_is_told(tmp_path: Path, plain: EspeakNarrator) -> None:
    with pytest.raises(Unwell) as unwell:
        Studios(tmp_path, Broken(plain, 1)).told(Prompt("", 7))
    assert unwell.value.code == "model_failed"


def test_a_line_of_which_nothing_was_heard_is_taken_again(tmp_path: Path, plain: EspeakNarrator) -> None:
    studios = Studios(tmp_path, plain)
    studios.ears = Ears(KNOCK.text, deaf=1)
    told = studios.told(Prompt("", 7), [KNOCK])
    assert studios.ears.asked == 2
    assert len(told[0].spoken.lines) == 1


@pytest.mark.parametrize("heard_back", [None, False])
def test_lines_are_heard_again_only_where_there_is_time(
    tmp_path: Path, plain: EspeakNarrator, heard_back: bool | None
) -> None:
    studios = Studios(tmp_path, plain)
    studios.ears = Ears(deaf=0) if heard_back is False else None
    assert len(studios.told(Prompt("", 7, speaking=Speaking(heard_back=heard_back)))) == len(TALE)
    assert not studios.ears or studios.ears.asked == 0


def test_a_wished_voice_that_nobody_has_is_refused(tmp_path: Path, plain: EspeakNarrator) -> None:
    with pytest.raises(Missing) as missing:
        Studios(tmp_path, plain).told(Prompt("", 7, voice="nobody"))
    assert missing.value.code == "voice_unknown"


def test_a_passage_of_emoji_is_a_short_silence(tmp_path: Path, plain: EspeakNarrator) -> None:
    (told,) = Studios(tmp_path, plain).told(Prompt("", 7), [Passage(0, 0, "😀🎉", (Line("😀🎉"),), CALM)])
    assert told.spoken.lines == ()
    assert RATE_HZ < told.spoken.samples < 3 * RATE_HZ


class OneTongue(EspeakNarrator):
    """Reads English alone, and says so only when its sound is wanted."""

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        if delivery.language != "en":
            raise Missing("language_unspoken", language=delivery.language)
        yield from super().speak(text, delivery, check)


def test_words_in_a_script_nobody_reads_are_left_out_and_the_tale_goes_on(tmp_path: Path) -> None:
    lines = (Line("Hello there, said the owl. 你好，世界。"), Line("再见。"), Line("And nobody was afraid."))
    passage = Passage(0, 0, " ".join(line.text for line in lines), lines, CALM)
    (told,) = Studios(tmp_path, OneTongue()).told(Prompt("", 7), [passage])
    assert [line.text for line in told.spoken.lines] == [lines[0].text, lines[2].text]


def test_pace_and_the_servers_words_are_heeded(tmp_path: Path, plain: EspeakNarrator) -> None:
    usual, slow, respelled = (
        Studios(tmp_path, plain).told(Prompt("", 7, speaking=speaking), [KNOCK])[0].spoken
        for speaking in (Speaking(), Speaking(pace=0.75), Speaking(say_as=(("keeper", "the man who keeps the lamp"),)))
    )
    assert slow.samples > 1.1 * usual.samples
    assert respelled.samples > 1.2 * usual.samples
    assert [word.text for word in respelled.lines[0].words] == KNOCK.text.split()


def test_a_scene_closes_with_a_longer_pause(tmp_path: Path, plain: EspeakNarrator) -> None:
    passages = [KNOCK, dataclasses.replace(KNOCK, index=1, closes_scene=True)]
    within, closing = (
        one.spoken.samples - one.spoken.lines[-1].end for one in Studios(tmp_path, plain).told(Prompt("", 7), passages)
    )
    assert closing > within + 0.2 * RATE_HZ


@pytest.mark.slow
def test_lines_stand_at_one_level_and_a_seed_is_one_narration(
    tmp_path: Path, weights: Callable[[str], Mapping[str, Path]]
) -> None:
    narrator = open_backend(weights("kokoro-82m"), 2)
    studios = Studios(tmp_path, narrator)
    told = studios.told(Prompt("", 7), [KNOCK, END])
    again = Studios(tmp_path / "again", narrator).told(Prompt("", 7), [KNOCK, END])
    narrator.close()
    levels = [level for one in told for level in _levels(one.spoken, studios)]
    assert float(np.ptp(levels)) < 2.0
    assert told == again


def _levels(spoken: Spoken, studios: Studios) -> list[float]:
    path = studios.artifacts.path(spoken.voice)
    return [loudness(read_stem(path, line.start, line.end - line.start)) for line in spoken.lines]
