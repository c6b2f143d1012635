"""A recording into words."""

from __future__ import annotations

from pipeline.errors import Refused
from pipeline.roles import Transcriber
from pipeline.telling.feel import recording_of
from pipeline.telling.studio import Studio
from pipeline.words.event import StageFinished, StageStarted
from pipeline.words.prompt import Prompt
from pipeline.words.sound import Artifact, Transcript

UNSURE = 0.25
"""Below this certainty it is noise or music that was taken for words."""


def hear(prompt: Prompt, studio: Studio) -> Transcript | None:
    """What was said; None where the prompt is text alone. Raises Refused `recording_wordless`."""
    recording = prompt.recording
    if recording is None:
        return None
    studio.say(StageStarted("hear"))
    transcript = studio.once("hear", "0", Transcript, lambda: transcribe(recording, prompt.language, studio))
    if not prompt.text.strip() and (not transcript.text or transcript.certainty < UNSURE):
        raise Refused("recording_wordless")
    studio.say(StageFinished("hear"))
    return transcript


def transcribe(recording: Artifact, language: str | None, studio: Studio) -> Transcript:
    """The words of a kept recording, with their times."""
    heard = recording_of(recording, studio)
    with studio.borrow(Transcriber) as transcriber:
        return transcriber.transcribe(heard, language, studio.check)
