"""A language is a folder, and heard."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bot.actions.tale_choices import languages
from pipeline import tables
from pipeline.audio.decode import read_stem
from pipeline.backends.narrate_espeak import EspeakNarrator
from pipeline.errors import Refused
from pipeline.forbidding import forbidden, harmless
from pipeline.speaking.curve import curve_of
from pipeline.speaking.takes import by_length
from pipeline.telling.checked import checked
from pipeline.telling.write import write
from pipeline.wording import mood_name
from pipeline.words.mood import Emotion
from pipeline.words.prompt import Prompt, Rating
from pipeline.writing.forms import forms_of
from pipeline.writing.language import detect
from tests.pipeline.telling.test_narrate import Studios
from tests.pipeline.writing.telling import forget_languages, planned, studio_of

FOLDER = Path(__file__).parent / "esperanto"
"""All of a language that does not ship: sixty lines a reader of this test can check."""
CODE = "eo"


@pytest.fixture
def esperanto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The languages that ship, and beside them the folder of one more."""
    home = tmp_path / "languages"
    home.mkdir()
    for folder in tables.LANGUAGES.iterdir():
        (home / folder.name).symlink_to(folder)
    shutil.copytree(FOLDER, home / CODE)
    monkeypatch.setattr(tables, "LANGUAGES", home)
    forget_languages()
    yield home / CODE
    monkeypatch.undo()
    forget_languages()


def test_a_tale_is_written_and_heard_in_it(esperanto: Path, tmp_path: Path) -> None:
    prompt = checked(Prompt("Vulpo nomata Kalo trovas sonorilon", 7, language=CODE))
    plan = planned(prompt)
    written = list(write(prompt, plan, studio_of(None)))
    text = " ".join(passage.text for passage in written)
    assert plan.language == CODE
    assert "vulpo nomata kalo loĝis sub la radikoj" in text.lower()
    assert "la sonorilo" in text
    assert "paŝis tien" in text
    assert [passage.ambience for passage in written if "arboj" in passage.text] == [("forest",)]

    studios = Studios(tmp_path / "kept", EspeakNarrator())
    told = studios.told(prompt, written, plan)
    for passage, one in zip(written, told, strict=True):
        sound = read_stem(studios.artifacts.path(one.spoken.voice))
        assert float(np.abs(sound).max()) > 0.05
        lines = [sound[line.start : line.end] for line in one.spoken.lines]
        faults = [
            by_length(line.text, heard, CODE, 1.15).fault for line, heard in zip(passage.lines, lines, strict=True)
        ]
        assert not any(faults)
    heard = [line.text for one in told for line in one.spoken.lines]
    assert heard == [line.text for passage in written for line in passage.lines]


def test_it_is_spoken_by_its_own_sounds_not_by_another_languages(esperanto: Path) -> None:
    voices = {voice.id: voice.locale for voice in EspeakNarrator().voices() if voice.language == CODE}
    assert voices == {"espeak_eo_m": "eo", "espeak_eo_f": "eo"}


def test_the_bot_offers_it_and_all_that_its_folder_says_counts(esperanto: Path) -> None:
    assert CODE in {choice.value for choice in languages()}
    assert detect("La vulpo ĝojis, ĉar ĝi trovis la sonorilon kaj la lampon en la arbaro.") == CODE
    assert mood_name(Emotion.JOY, CODE) == "ĝojo"
    assert "mortigu la drakon" in harmless().wishes
    assert "pornaĵ*" in forbidden().under(Rating.ALL)
    assert curve_of("malrapide")[0].pace < 1


def test_a_key_that_is_missing_is_named_with_its_file(esperanto: Path) -> None:
    forms = esperanto / "forms.toml"
    forms.write_text(forms.read_text(encoding="utf-8").replace("classes = ", "clases = "), encoding="utf-8")
    with pytest.raises(Refused, match="table_invalid") as refused:
        forms_of(CODE)
    assert refused.value.fields["key"] == "classes"
    assert refused.value.fields["file"].endswith("eo/forms.toml")
