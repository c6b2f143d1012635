"""Jobs of a few seconds."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.audio.upload import read_apart
from pipeline.errors import Refused
from pipeline.roles import Narrator, VoiceLearner
from pipeline.speaking.consent import accept_consent
from pipeline.speaking.likeness import nearest
from pipeline.tables import by_language
from pipeline.telling.explain import explain
from pipeline.telling.feel import read_feeling, read_tone, recording_of
from pipeline.telling.hear import transcribe
from pipeline.telling.narrate import narrate
from pipeline.telling.studio import Studio
from pipeline.words.answer import Cloned, Explained, Sampled, Transcribed
from pipeline.words.jsonable import to_json
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.request import Clone, Explain, Sample, Transcribe
from pipeline.words.sound import RATE_HZ, Artifact, Recording, Transcript
from pipeline.words.story import Facts, Passage, Person, Plan
from pipeline.writing.verbatim import pieces_of

LEARNT = "learnt-"
"""How the name of a voice begins that a narrator learnt."""


def write_down(wish: Transcribe, studio: Studio) -> Artifact:
    """The words of a recording, and how it is felt."""
    transcript = studio.once("hear", "0", Transcript, lambda: transcribe(wish.recording, wish.language, studio))
    feeling = None
    if wish.read_feeling:
        prompt = Prompt("", seed=0, language=wish.language, recording=wish.recording)
        feeling = studio.once("feel", "0", Feeling, lambda: read_feeling(prompt, transcript, studio, wish.usual))
    # No step: what somebody's voice is like stands in the answer, which goes when it is read, and nowhere else.
    tone = read_tone(wish.recording, studio) if wish.tone and feeling and feeling.voice else ()
    return kept_json(to_json(Transcribed(transcript, feeling, tone)), studio)


def say_why(wish: Explain, studio: Studio) -> Artifact:
    """The feeling, with its evidence."""
    return kept_json(to_json(Explained(explain(wish.text, wish.recording, wish.language, studio))), studio)


@dataclass(frozen=True)
class _Sample:
    """Of a file data/languages/<code>/voices.toml."""

    sample: str = ""


def let_hear(wish: Sample, studio: Studio) -> Artifact:
    """A voice, speaking; raises Refused `language_unspoken`."""
    known = by_language("voices", _Sample).get(wish.language)
    text = wish.text or (known.sample if known else "")
    if not text.strip():
        raise Refused("language_unspoken", language=wish.language)
    calm = Mood.pure(Emotion.NEUTRAL)
    passages = [Passage(piece.scene, at, piece.text, piece.lines, calm) for at, piece in enumerate(pieces_of(text))]
    prompt = Prompt(text, seed=0, voice=wish.voice, as_written=True, language=wish.language, speaking=wish.speaking)
    plan = Plan("", wish.language, "spoken", 0, Feeling(calm), Facts(Person("narrator")), (), 0)
    spoken = tuple(told.spoken for told in narrate(prompt, plan, passages, studio))
    return kept_json(to_json(Sampled(spoken)), studio)


def learn(wish: Clone, studio: Studio) -> Artifact:
    """A voice from its owner's consent; raises Refused with what to mend where that was not heard."""
    transcript = studio.once("hear", "0", Transcript, lambda: transcribe(wish.recording, wish.language, studio))
    recording = recording_of(wish.recording, studio)
    accept_consent(wish.sentence, transcript.text, recording, max(1, len({name for name, _ in transcript.speakers})))
    return kept_json(to_json(studio.once("clone", "0", Cloned, lambda: _learnt(wish, studio))), studio)


def kept_json(data: dict[str, Any], studio: Studio) -> Artifact:
    """An object as a file that a job's last word can name."""
    return studio.keep(json.dumps(data, ensure_ascii=False).encode(), ".json")


def _learnt(wish: Clone, studio: Studio) -> Cloned:
    """By the narrator itself where it can learn; else the blend of its voices that comes nearest."""
    recording = Recording(read_apart(studio.keep.path(wish.recording), RATE_HZ), RATE_HZ)
    with studio.borrow(Narrator, language=wish.language) as narrator:
        if not isinstance(narrator, VoiceLearner):
            return Cloned(nearest(recording.samples, wish.language, narrator.voices()), wish.recording)
        name = f"{LEARNT}{wish.recording.sha256[:32]}"
        arrays = narrator.learn(name, recording)
        narrator.forget(name)  # the next tale may be told by another process: what is kept is what counts
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    return Cloned(name, wish.recording, studio.keep(packed.getvalue(), ".npz"))
