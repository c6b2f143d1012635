"""Words and voice into a feeling."""

from __future__ import annotations

from pipeline.audio.decode import read_upload
from pipeline.roles import TextReader, VoiceReader
from pipeline.telling.fuse import Heard, fuse
from pipeline.telling.studio import Studio
from pipeline.words.event import Felt, SceneFelt
from pipeline.words.mood import Emotion, Evidence, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.sound import Artifact, Recording, Transcript
from pipeline.writing.language import detect

HEARING_HZ = 16_000
"""What voices are read at."""


def feel(prompt: Prompt, transcript: Transcript | None, studio: Studio) -> Feeling:
    """The prompt's mood: asked for, or read from the words and from the voice where one may be read."""

    def work() -> Feeling:
        if prompt.mood is not None:
            return Feeling(Mood.pure(prompt.mood), rule="asked")
        return read_feeling(prompt, transcript, studio)

    feeling = studio.once("feel", "0", Feeling, work)
    studio.say(Felt(feeling))
    return feeling


def read_feeling(prompt: Prompt, transcript: Transcript | None, studio: Studio) -> Feeling:
    """Both readings, fused; no step, and nothing said."""
    text = "\n".join(part for part in (prompt.text, transcript.text if transcript else "") if part.strip())
    language = prompt.language or (transcript.language if transcript else "") or detect(text)
    words = read_words(text, language, studio) if text else None
    voice, evidence = _voice(prompt, studio)
    spoken_s = transcript.words[-1].end_s - transcript.words[0].start_s if transcript and transcript.words else 0.0
    clarity = transcript.certainty if transcript and not prompt.text.strip() else 1.0
    return fuse(words, voice, Heard(len(text.split()), spoken_s, clarity), evidence)


def scene_mood(scene: int, text: str, language: str, studio: Studio) -> Mood:
    """A whole scene, read again once it is written."""

    def work() -> Mood:
        mood = read_words(text, language, studio)
        return mood if mood is not None else Mood.of({Emotion.NEUTRAL: 1.0}, certainty=0.0)

    mood = studio.once("feel_scene", str(scene), Mood, work)
    studio.say(SceneFelt(scene, mood))
    return mood


def read_words(text: str, language: str, studio: Studio) -> Mood | None:
    """What the words alone say."""
    with studio.borrow(TextReader) as reader:
        return reader.read([text], language, studio.check)[0]


def recording_of(artifact: Artifact, studio: Studio) -> Recording:
    """A kept recording as readers want it."""
    return Recording(read_upload(studio.keep.path(artifact), HEARING_HZ), HEARING_HZ)


def _voice(prompt: Prompt, studio: Studio) -> tuple[Mood | None, tuple[Evidence, ...]]:
    if prompt.recording is None or not prompt.read_feeling:
        return None, ()
    recording = recording_of(prompt.recording, studio)
    with studio.borrow(VoiceReader) as reader:
        mood, evidence = reader.read(recording, studio.check)
    return (mood, evidence) if mood.certainty > 0 else (None, ())
