"""Words and voice into a feeling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from pipeline.audio.upload import read_apart
from pipeline.roles import TextReader, ToneReader, VoiceReader
from pipeline.telling.fuse import ReadingContext, fuse
from pipeline.telling.studio import Studio
from pipeline.words.event import Felt, SceneFelt
from pipeline.words.mood import Emotion, Evidence, Feeling, Mood
from pipeline.words.prompt import Prompt, Said
from pipeline.words.sound import HEARING_HZ, Artifact, Recording, Transcript
from pipeline.writing.language import detect

"""Sample rate at which voices are read."""
TONE_DIGITS = 5  # decimals kept of a tone
Usual = tuple[float, ...]
"""Tone of a voice at rest; empty where unknown."""
ReadWords = Callable[[str, str, Studio], Mood]
"""Reads the mood of words in a language."""


def feel(prompt: Prompt, transcript: Transcript | None, studio: Studio) -> Feeling:
    """Return the prompt's mood: asked for, or read from the words, and from the voice where it may be read."""

    def work() -> Feeling:
        if prompt.mood is not None:
            return Feeling(Mood.pure(prompt.mood), rule="asked")
        return read_feeling(prompt, transcript, studio)

    feeling = studio.once("feel", "0", Feeling, work)
    studio.say(Felt(feeling))
    return feeling


def read_words(text: str, language: str, studio: Studio) -> Mood:
    """Read the mood of words alone."""
    with studio.borrow(TextReader) as reader:
        return reader.read([text], language, studio.check)[0]


def read_feeling(
    prompt: Prompt,
    transcript: Transcript | None,
    studio: Studio,
    usual: Usual = (),
    read: ReadWords = read_words,
) -> Feeling:
    """Read words and voice and fuse them, without a durable step or an event. `usual` is the speaker's tone."""
    text = typed_and_said(prompt, transcript)
    language = prompt.language or (transcript.language if transcript else "") or detect(text)
    words = read(text, language, studio) if text else None
    voice, evidence = _voice(prompt, studio, usual)
    spoken_s = transcript.words[-1].end_s - transcript.words[0].start_s if transcript and transcript.words else 0.0
    # Typed words are certain; a transcript's own certainty counts only where nothing was typed.
    clarity = transcript.certainty if transcript and not prompt.text.strip() else 1.0
    return fuse(words, voice, ReadingContext(len(text.split()), spoken_s, clarity), evidence)


def typed_and_said(prompt: Prompt, transcript: Transcript | None) -> str:
    """Return the words of a wish."""
    return "\n".join(part for part in (prompt.text, transcript.text if transcript else "") if part.strip())


def scene_mood(scene: int, text: str, language: str, studio: Studio) -> Mood:
    """Read the mood of a whole scene once it is written."""

    def work() -> Mood:
        return read_words(text, language, studio)

    mood = studio.once("feel_scene", str(scene), Mood, work)
    studio.say(SceneFelt(scene, mood))
    return mood


def recording_of(artifact: Artifact, studio: Studio) -> Recording:
    """Return a kept recording as readers want it."""
    return Recording(read_apart(studio.keep.path(artifact), HEARING_HZ), HEARING_HZ)


def read_tone(artifact: Artifact, studio: Studio) -> Usual:
    """Return the tone of the voice in a recording; empty where no reader here can tell."""
    recording = recording_of(artifact, studio)
    with studio.borrow(VoiceReader) as reader:
        tone = reader.tone(recording, studio.check) if isinstance(reader, ToneReader) else None
    return () if tone is None else tuple(round(float(one), TONE_DIGITS) for one in tone)


def _voice(prompt: Prompt, studio: Studio, usual: Usual) -> tuple[Mood | None, tuple[Evidence, ...]]:
    """Read the voices that may be read; longer recordings count more."""
    readings: list[tuple[Mood, float]] = []
    told: list[Evidence] = []
    before_s = 0.0
    for said in prompt.spoken if prompt.read_feeling else ():
        if not said.read_feeling:
            continue
        recording = replace(recording_of(said.recording, studio), speaker=said.name, usual=_known(usual))
        mood, evidence = _sound(said, recording, studio)
        length_s = len(recording.samples) / recording.rate_hz
        if mood.certainty > 0:
            readings.append((mood, length_s))
            told += [_later(one, before_s) for one in evidence]
        before_s += length_s
    return (_blend(readings) if readings else None), tuple(sorted(told, key=lambda one: -one.weight))


def _sound(said: Said, recording: Recording, studio: Studio) -> tuple[Mood, tuple[Evidence, ...]]:
    """Return the reading made while listening, when the speaker's usual tone was known; else read now."""
    if said.felt is not None and said.felt.voice is not None:
        return said.felt.voice, said.felt.evidence
    with studio.borrow(VoiceReader) as reader:
        return reader.read(recording, studio.check)


def _known(usual: Usual) -> npt.NDArray[np.float32] | None:
    return np.asarray(usual, np.float32) if usual else None


def _blend(readings: list[tuple[Mood, float]]) -> Mood:
    if len(readings) == 1:
        return readings[0][0]
    whole_s = sum(length_s for _, length_s in readings)
    shares = [(mood, length_s / whole_s) for mood, length_s in readings]
    weights = {emotion: sum(mood.weights.get(emotion, 0.0) * share for mood, share in shares) for emotion in Emotion}
    arousal = sum(mood.arousal * share for mood, share in shares)
    return Mood.of(weights, sum(mood.certainty * share for mood, share in shares), arousal)


def _later(evidence: Evidence, by_s: float) -> Evidence:
    if not by_s or evidence.start_s is None or evidence.end_s is None:
        return evidence
    return replace(evidence, start_s=evidence.start_s + by_s, end_s=evidence.end_s + by_s)
