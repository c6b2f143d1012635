"""Jobs of a few seconds."""

from __future__ import annotations

import json
from typing import Any

from pipeline.errors import Refused
from pipeline.places import DATA
from pipeline.tables import read_table
from pipeline.telling.explain import explain
from pipeline.telling.feel import read_feeling
from pipeline.telling.hear import transcribe
from pipeline.telling.narrate import narrate
from pipeline.telling.studio import Studio
from pipeline.words.jsonable import to_json
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.request import Explain, Sample, Transcribe
from pipeline.words.sound import Artifact, Transcript
from pipeline.words.story import Facts, Passage, Person, Plan
from pipeline.writing.verbatim import pieces_of


def write_down(wish: Transcribe, studio: Studio) -> Artifact:
    """`{"transcript": Transcript, "feeling": Feeling | null}`."""
    transcript = studio.once("hear", "0", Transcript, lambda: transcribe(wish.recording, wish.language, studio))
    felt: dict[str, Any] | None = None
    if wish.read_feeling:
        prompt = Prompt("", seed=0, language=wish.language, recording=wish.recording)
        feeling = studio.once("feel", "0", Feeling, lambda: read_feeling(prompt, transcript, studio))
        felt = to_json(feeling)
    return kept_json({"transcript": to_json(transcript), "feeling": felt}, studio)


def say_why(wish: Explain, studio: Studio) -> Artifact:
    """`{"feeling": Feeling}`, with its evidence."""
    return kept_json({"feeling": to_json(explain(wish.text, wish.recording, wish.language, studio))}, studio)


def let_hear(wish: Sample, studio: Studio) -> Artifact:
    """`{"spoken": [Spoken, ...]}`; raises Refused `language_unspoken`."""
    known = read_table(DATA / "samples.toml", dict[str, dict[str, str]])["sentences"]
    text = wish.text or known.get(wish.language, "")
    if not text.strip():
        raise Refused("language_unspoken", language=wish.language)
    calm = Mood.pure(Emotion.NEUTRAL)
    passages = [Passage(piece.scene, at, piece.text, piece.lines, calm) for at, piece in enumerate(pieces_of(text))]
    prompt = Prompt(text, seed=0, voice=wish.voice, as_written=True, language=wish.language)
    plan = Plan("", wish.language, "spoken", 0, Feeling(calm), Facts(Person("narrator")), (), 0)
    spoken = [to_json(told.spoken) for told in narrate(prompt, plan, passages, studio)]
    return kept_json({"spoken": spoken}, studio)


def kept_json(data: dict[str, Any], studio: Studio) -> Artifact:
    """An object as a file that a job's last word can name."""
    return studio.keep(json.dumps(data, ensure_ascii=False).encode(), ".json")
