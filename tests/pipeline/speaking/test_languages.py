"""A language is a folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import tables
from pipeline.audio.surroundings import in_place, named
from pipeline.backends.narrate_espeak import EspeakNarrator
from pipeline.cancelled import Cancelled
from pipeline.roles import Delivery, Utterance, Voice
from pipeline.speaking.acting import manner_of
from pipeline.speaking.script import interjection
from pipeline.speaking.spoken import spoken
from pipeline.telling.write import write
from pipeline.words.mood import Emotion, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.story import Line, Passage
from tests.pipeline.telling.test_narrate import Studios
from tests.pipeline.writing.telling import forget_languages, planned, studio_of


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The languages that ship, and a folder `toy` beside them."""
    folder = tmp_path / "languages"
    shutil.copytree(tables.LANGUAGES, folder)
    (folder / "toy").mkdir()
    monkeypatch.setattr(tables, "LANGUAGES", folder)
    forget_languages()
    yield folder / "toy"
    monkeypatch.undo()
    forget_languages()


def test_a_folder_alone_gives_a_language_its_places_verbs_and_signs(toy: Path) -> None:
    (toy / "sounds.toml").write_text(
        '[ambience]\ncave = ["grotu*"]\n[captions]\ncave = "plik"\n'
        '[interjections]\nlaugh = "Hu hu!"\n[manners]\nwhisper = ["flis"]\n'
    )
    (toy / "spoken.toml").write_text('numbers = "eo"\npercent = "centonoj"\nabbreviations = { "sr." = "Sinu" }\n')
    text = "Sr. Ana, 5%."
    passage = Passage(0, 0, "Ana in grotulo.", (Line("Ana in grotulo."),), Mood.pure(Emotion.NEUTRAL))
    assert in_place(passage, "toy").ambience == ("cave",)
    assert named(("cave",), "toy") == ("plik",)
    assert interjection("laugh", "toy") == "Hu hu!"
    assert manner_of("flisis", "Ana").breath > 0
    said = " ".join(word.spoken for word in spoken(text, "toy"))
    assert "Sinu" in said
    assert "kvin centonoj" in said


class ToyNarrator(EspeakNarrator):
    """Reads the toy language as if it were English."""

    def voices(self) -> tuple[Voice, ...]:
        return tuple(replace(one, language="toy") for one in super().voices() if one.language == "en")

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        return super().speak(text, replace(delivery, language="en"), check)


def test_a_tale_told_as_written_is_heard_in_it(toy: Path, tmp_path: Path) -> None:
    shutil.copy(tables.LANGUAGES / "en" / "tongue.toml", toy)
    (toy / "sounds.toml").write_text('[ambience]\ncave = ["grotu*"]\n[captions]\ncave = "plik"\n')
    (toy / "spoken.toml").write_text('percent = "cento"\n')
    prompt = Prompt("Ana in grotulo 5%.\n\nAna sona.", 7, as_written=True, language="toy")
    plan = planned(prompt)
    written = list(write(prompt, plan, studio_of(None)))
    told = Studios(tmp_path, ToyNarrator()).told(prompt, written, plan)
    assert plan.language == "toy"
    assert [one.passage.ambience for one in told] == [("cave",), ()]
    assert all(line.end > line.start for one in told for line in one.spoken.lines)
    assert [line.text for one in told for line in one.spoken.lines] == ["Ana in grotulo 5%.", "Ana sona."]


def test_what_a_folder_does_not_say_is_left_to_another_language_or_unsaid(toy: Path) -> None:
    assert toy.is_dir()
    assert named(("cave",), "toy") == named(("cave",), "en")
    assert interjection("laugh", "toy") == interjection("laugh", "en")
    passage = Passage(0, 0, "Ana in grotulo.", (), Mood.pure(Emotion.NEUTRAL))
    assert in_place(passage, "toy") == passage
