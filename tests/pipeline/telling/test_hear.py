"""What several recordings say together."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.errors import Refused
from pipeline.telling.hear import hear, together
from pipeline.telling.in_memory import InMemory
from pipeline.telling.studio import Studio
from pipeline.words.prompt import Prompt, Said
from pipeline.words.sound import Artifact, Transcript, WordTiming

SOUND = Artifact("0" * 64, ".wav", 1)


def written(text: str, certainty: float = 0.9) -> Transcript:
    return Transcript(text, "en", certainty, (WordTiming(text.split(maxsplit=1)[0], 0.5, 1.0),) if text else ())


def nobody_asked(tmp_path: Path) -> Studio:
    """A studio without models: whatever would have to be transcribed fails."""
    lender: object = None
    return InMemory(lender, Artifacts(tmp_path), lambda _: None, Cancelled()).studio  # type: ignore[arg-type] # no shelf


def test_several_speakers_stand_each_under_their_name() -> None:
    told = together([("Ana", written("A keeper.")), ("Ana", written("By the sea.")), ("Rui", written("And a storm!"))])
    assert told.text == "Ana: A keeper. By the sea.\nRui: And a storm!"
    assert told.speakers == (("Ana", "A keeper. By the sea."), ("Rui", "And a storm!"))
    assert [word.start_s for word in told.words] == [0.5, 1.5, 2.5]


def test_one_speaker_in_several_goes_needs_no_name() -> None:
    assert together([("Ana", written("A keeper.")), ("Ana", written("A storm."))]).text == "A keeper. A storm."


def test_what_was_written_down_already_is_not_heard_again(tmp_path: Path) -> None:
    prompt = Prompt("", 1, said=(Said(SOUND, "Ana", written("A keeper.")), Said(SOUND, "Rui", written("A storm."))))
    heard = hear(prompt, nobody_asked(tmp_path))
    assert heard is not None
    assert heard.language == "en"
    assert heard.text == "Ana: A keeper.\nRui: A storm."


def test_only_noise_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="recording_wordless"):
        hear(Prompt("", 1, said=(Said(SOUND, "Ana", written("", 0.0)),)), nobody_asked(tmp_path))
