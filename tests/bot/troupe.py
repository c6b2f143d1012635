"""A whole tale without models."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.artifacts import Artifacts
from pipeline.audio.encode import stem_bytes
from pipeline.depot import Depot
from pipeline.errors import Refused
from pipeline.executor import ExecutorOptions, serve
from pipeline.telling.mix import bind, mix
from pipeline.telling.studio import Studio
from pipeline.words.answer import Cloned, Composed, Embedded, Explained, Filmed, Sampled, Transcribed, Underscored
from pipeline.words.event import CueReady, Felt, Narrated, Planned, Written
from pipeline.words.jsonable import to_json
from pipeline.words.mood import Emotion, Evidence, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.request import Clone, Compose, Embed, Explain, Film, Request, Sample, Tell, Transcribe, Underscore
from pipeline.words.score import Scored, Tempo
from pipeline.words.sound import RATE_HZ, Artifact, Samples, Spoken, SpokenLine, Transcript, WordTiming
from pipeline.words.story import Beat, Facts, Line, Passage, Person, Plan, Scene, Story
from pipeline.words.tale import MadeBy, Publishable, Rights, Tale
from pipeline.words.timeline import Timeline
from tests.faults.stand_in import NoModels
from tests.faults.traps import set_trap

JOY = Mood.of({Emotion.JOY: 0.7, Emotion.SURPRISE: 0.3}, 0.8, 0.5)
TEXTS = (
    "The keeper lit the lamp.",
    'A storm came by. "Good evening," it said.',
    "They talked until the morning.",
    "And the sea lay still.",
)
VOICE = "bm_fable"
BLEND = "bm_fable:0.60,af_heart:0.40"
TROUPE = "tests.bot.troupe"
"""The module, for whoever starts it as a process."""
QUICK = {"step_s": 0.0, "passages": 2, "seconds": 0.3}


@dataclass(frozen=True)
class Troupe:
    """The line's own events, words and files; every passage a durable step, its sound a tone."""

    step_s: float = 0.05
    passages: int = 4
    seconds: float = 1.0
    """Of each passage."""
    learns: bool = False
    """A voice itself, where it is taught one; else the nearest of ours."""
    weighed: bool = True
    """Whether a tale knows which word moved its mood."""
    weighs_s: float = 0.0
    """How long it takes to say so of one that does not."""
    unheard: str = ""
    """Why it learns none: the code of a refusal."""
    lender: NoModels = field(default_factory=NoModels)

    def make(self, request: Request, studio: Studio) -> Artifact:
        """One job."""
        match request:
            case Tell(prompt=prompt):
                return _kept(self._tale(prompt, studio), studio)
            case Transcribe():
                return _kept(Transcribed(Transcript("a storm that is afraid of the dark", "en", 0.9)), studio)
            case Sample():
                spoken = self._spoken(0, studio)
                studio.say(Narrated(spoken))
                return _kept(Sampled((spoken,)), studio)
            case Explain(text=text):
                self._work(studio, self.weighs_s)
                return _kept(Explained(Feeling(JOY, JOY, None, "words", (_why(text.split()[0]),))), studio)
            case Underscore(seconds=seconds, part=part):
                hum = _wide(_tone(110.0 + part, round(seconds * RATE_HZ)) * 0.2)
                track = studio.keep(stem_bytes(hum), ".wav")
                return _kept(Underscored((track,) * 4, len(hum), JOY), studio)
            case Embed(texts=texts):
                return _kept(Embedded("troupe", tuple(map(place_of, texts))), studio)
            case Clone():
                return _kept(self._cloned(request, studio), studio)
            case Compose(seconds=seconds):
                sound = _wide(_tone(220.0, round(seconds * RATE_HZ)))
                return _kept(Composed(studio.keep(stem_bytes(sound), ".wav"), seconds), studio)
            case Film():
                return _kept(Filmed(studio.keep(b"a film", ".mp4")), studio)

    def _cloned(self, wish: Clone, studio: Studio) -> Cloned:
        assert studio.keep.path(wish.recording).stat().st_size > RATE_HZ, "there is a sentence to learn from"
        if self.unheard:
            raise Refused(self.unheard, seconds=1.0, least=4.0, most=20.0, speakers=2)
        if not self.learns:
            return Cloned(BLEND, wish.recording)
        learnt = studio.keep(wish.recording.sha256.encode(), ".npz")
        return Cloned(f"learnt-{wish.recording.sha256[:32]}", wish.recording, learnt)

    def _tale(self, prompt: Prompt, studio: Studio) -> Tale:
        plan = _plan(prompt, weighed=self.weighed)
        studio.say(Felt(plan.feeling))
        studio.say(Planned(plan))
        timeline, told, silent = Timeline(), [], prompt.words_only
        for index in range(self.passages):
            passage = _passage(index, closes=index == self.passages - 1)
            told.append(passage)
            for event in [Written(passage)] if silent else self._one(passage, studio):
                studio.say(event)
                timeline = timeline.after(event)
        story = Story(plan.title, "A keeper and a storm.", "en", (Scene(0, "opening", JOY, tuple(told)),), {"": VOICE})
        rights = Rights(Publishable.YES, "mit", ("A voice of a tone.",))
        made_by = MadeBy("tiny", {"Writer": "troupe"})
        tale = bind(prompt, plan, story, studio) if silent else mix(prompt, plan, story, timeline, studio)
        return replace(tale, made_by=made_by, rights=rights)

    def _one(self, passage: Passage, studio: Studio) -> list[Any]:
        self._work(studio)
        spoken = studio.once("narrate", str(passage.index), Spoken, lambda: self._spoken(passage.index, studio))
        self._work(studio)
        scored = studio.once("compose", str(passage.index), Scored, lambda: self._scored(passage.index, studio))
        return [Written(passage), Narrated(spoken), CueReady(scored)]

    def _spoken(self, index: int, studio: Studio) -> Spoken:
        text, samples = TEXTS[index % len(TEXTS)], round(self.seconds * RATE_HZ)
        each_s = self.seconds * 0.8 / len(text.split())
        words = tuple(WordTiming(word, at * each_s, (at + 1) * each_s) for at, word in enumerate(text.split()))
        line = SpokenLine("narrator", text, VOICE, 0, round(samples * 0.8), words)
        return Spoken(0, index, studio.keep(stem_bytes(_tone(220.0 + 40 * index, samples)), ".wav"), samples, (line,))

    def _scored(self, index: int, studio: Studio) -> Scored:
        samples, short = round(self.seconds * RATE_HZ), RATE_HZ // 10
        bed, tail = (studio.keep(stem_bytes(_wide(_tone(110.0, length) * 0.2)), ".wav") for length in (samples, short))
        return Scored(0, index, bed, tail, bed, samples, short, samples, Tempo(0, "ionian", 60.0, 4, 1))

    def _work(self, studio: Studio, seconds: float | None = None) -> None:
        until_s = time.monotonic() + (self.step_s if seconds is None else seconds)
        while time.monotonic() < until_s:
            studio.check()
            time.sleep(0.005)


def place_of(text: str) -> str:
    """Where a text lies: near others of the same words, whatever their order."""
    row = np.zeros(384, np.float32)
    for word in text.casefold().split():
        row[int(hashlib.sha256(word.strip('.,"?').encode()).hexdigest()[:8], 16) % 384] += 1
    return base64.b64encode(np.rint(row * 127 / max(1.0, row.max())).astype(np.int8).tobytes()).decode()


def _plan(prompt: Prompt, *, weighed: bool) -> Plan:
    facts = Facts(Person("Mira", "hero"), place="a lighthouse")
    feeling = Feeling(JOY, JOY, None, "words", (_why(),) if weighed else ())
    title = "The Keeper and the Storm"
    asked = prompt.text or "what was said"
    return Plan(title, "en", "fable", prompt.seed, feeling, facts, (Beat(0, "opening", JOY, 40),), 0, asked=asked)


def _passage(index: int, *, closes: bool) -> Passage:
    text = TEXTS[index % len(TEXTS)]
    return Passage(0, index, text, (Line(text),), JOY, closes, closes, ("sea",) if index == 0 else ())


def _why(word: str = "lamp") -> Evidence:
    return Evidence("word", word, Emotion.JOY, 0.4)


def _tone(hz: float, samples: int) -> Samples:
    wave: Samples = (0.2 * np.sin(2 * np.pi * hz * np.arange(samples) / RATE_HZ)).astype(np.float32)
    return wave


def _wide(mono: Samples) -> Samples:
    return np.stack([mono, mono], axis=1)


def _kept(value: object, studio: Studio) -> Artifact:
    return studio.once("keep", "0", Artifact, lambda: studio.keep(json.dumps(to_json(value)).encode(), ".json"))


def main(argv: list[str]) -> int:
    """An executor process with the troupe."""
    told: dict[str, Any] = json.loads(argv[0])
    work = Troupe(**told.pop("troupe", {}))
    folder, away = Path(told.pop("artifacts")), told.pop("depot", "")
    told.pop("marks", None)
    if trap := told.pop("trap", None):
        set_trap(*trap)
    options = ExecutorOptions(**told | {"state": Path(told["state"])})
    return serve(options, work, Artifacts(folder, Depot(away) if away else None))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
