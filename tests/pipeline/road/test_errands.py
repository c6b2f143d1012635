"""Every kind of job is answered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.decode import read_upload
from pipeline.audio.encode import stem_bytes
from pipeline.errors import TaleError
from pipeline.speaking.consent import consent_sentence
from pipeline.speaking.voices import blend_of, voice_book
from pipeline.words.answer import Cloned, Explained, Sampled, Transcribed
from pipeline.words.mood import Emotion
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Clone, Explain, Sample, Tell, Transcribe
from pipeline.words.sound import RATE_HZ
from pipeline.words.tale import Tale
from tests.pipeline.road.real import door_to, kept_by, worker

SENTENCE = consent_sentence("en", "member 7, sitting 1")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


async def test_a_voice_is_heard_written_down_explained_and_learnt_from_its_consent_alone(tmp_path: Path) -> None:
    async with worker(tmp_path), door_to(tmp_path) as at:
        kept = kept_by(tmp_path)
        heard = await at.answered(Asked("sample", Sample("bm_fable", "en", SENTENCE)), Sampled, kept)
        assert " ".join(line.text for one in heard.spoken for line in one.lines) == SENTENCE
        stems = [read_upload(kept.path(one.voice), RATE_HZ) for one in heard.spoken]
        stem = kept(stem_bytes(np.concatenate(stems)), ".wav")

        written = await at.answered(Asked("transcribe", Transcribe(stem, "en")), Transcribed, kept)
        assert written.transcript.text.split()[0].lower() in SENTENCE.lower()
        assert written.feeling is not None

        why = await at.answered(Asked("why", Explain("What a happy, joyful day! We laughed.", "en")), Explained, kept)
        assert why.feeling.mood.emotion is Emotion.JOY
        assert why.feeling.evidence

        learnt = await at.answered(Asked("clone", Clone(stem, SENTENCE, "en")), Cloned, kept)
        pitch_hz = sum(voice_book().traits(name).pitch_hz * share for name, share in blend_of(learnt.voice))
        assert 0.85 < pitch_hz / voice_book().traits("bm_fable").pitch_hz < 1.18
        assert learnt.reference == stem

        mine = await at.answered(Asked("mine", Sample(learnt.voice, "en", "The keeper lit the lamp.")), Sampled, kept)
        assert {line.voice for one in mine.spoken for line in one.lines} == {learnt.voice}
        wish = Prompt("A keeper and a storm", seed=3, words=30, voice=learnt.voice)
        tale = await at.answered(Asked("tale", Tell(wish)), Tale, kept)
        assert learnt.voice in tale.story.cast.values(), "the tale is told by the voice that was learnt"

        theft = Asked("theft", Clone(stem, "I never said that anybody may speak with the voice that I have", "en"))
        with pytest.raises(TaleError, match="consent_unheard"):
            await at.answered(theft, Cloned, kept)
