"""Narration of one tale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace

import numpy as np

from pipeline.audio.dress import dress_voice
from pipeline.audio.encode import stem_bytes
from pipeline.audio.room import room_of
from pipeline.errors import Missing, Unserved
from pipeline.log import log_of
from pipeline.roles import Narrator, Needs, Transcriber, Utterance
from pipeline.speaking.acting import closing_s, play
from pipeline.speaking.bend import whispered
from pipeline.speaking.cast import Cast, SpeakerVoice, cast_of
from pipeline.speaking.curve import Touch, curve_of, touch_at
from pipeline.speaking.script import Breath, breaths_of
from pipeline.speaking.voices import known_to
from pipeline.speaking.word_times import word_times
from pipeline.telling.best_take import TakePicker
from pipeline.telling.studio import Studio
from pipeline.words.prompt import Prompt
from pipeline.words.sound import RATE_HZ, Samples, Spoken, SpokenLine, WordTiming
from pipeline.words.story import Line, Passage, Plan

LEAD_S = 0.04
"""Seconds before the first line, so that it never begins on the very downbeat."""
NOTHING_S = 1.0
"""Length of a passage in which nothing can be spoken."""


log = log_of("performance")


@dataclass(frozen=True)
class Take:
    """One spoken line, before it is placed."""

    line: Line
    voice: str
    samples: Samples
    words: tuple[WordTiming, ...]
    """Times from the line's own beginning."""
    energy_db: float
    """Above or below the common level, as it is acted."""
    after_s: float
    """Pause after it."""


class Performance:
    """Who speaks in a tale, and how; all of it follows from the prompt and the plan."""

    def __init__(self, prompt: Prompt, plan: Plan, studio: Studio) -> None:
        self._prompt, self._plan, self._studio = prompt, plan, studio
        self._curve: tuple[Touch, ...] = curve_of(prompt.speaking.curve)
        self._say_as = dict(prompt.speaking.say_as)

    @property
    def language(self) -> str:
        return self._plan.language

    def of(self, narrator: Narrator, passage: Passage, share: float, *, own_voices: bool) -> Spoken:
        """Speak a passage at `share` of the tale; a stand-in narrator need not have the chosen voice."""
        return self.dressed(passage, self.takes(narrator, passage, share, own_voices=own_voices))

    def dressed(self, passage: Passage, takes: Sequence[Take]) -> Spoken:
        """Place the takes after each other and keep them as one stem."""
        placed, lines = _placed(takes)
        end = lines[-1].end if lines else round(NOTHING_S * RATE_HZ)
        samples = end + round(closing_s(passage) * RATE_HZ)
        stem = dress_voice(placed, samples, room_of(passage.heard_in))
        voice = self._studio.keep(stem_bytes(stem), ".wav")
        return Spoken(passage.scene, passage.index, voice, samples, lines)

    def takes(self, narrator: Narrator, passage: Passage, share: float, *, own_voices: bool) -> list[Take]:
        """Speak each line; nothing is kept yet."""
        cast = self._cast(narrator, strict=own_voices)
        touch = touch_at(self._curve, share)
        asked = [self._asked(line, passage, cast, touch) for line in passage.lines]
        # All lines are asked for before the first is awaited: a narrator may make them side by side.
        begun = [
            [(breath, begun) for breath in one.breaths if (begun := self._begun(narrator, breath)) is not None]
            for one in asked
        ]
        with self._ears() as ears:
            listening = TakePicker(narrator, self._studio.check, ears)
            takes = [[(breath, listening.best(breath, one)) for breath, one in pairs] for pairs in begun]
        return [_line(one, made) for one, made in zip(asked, takes, strict=True) if made]

    def _begun(self, narrator: Narrator, breath: Breath) -> Iterator[Utterance] | None:
        """Begin a line; None for foreign words that this narrator cannot read, which stay in the text alone."""
        if breath.delivery.language == self.language:
            return narrator.speak(breath.text, breath.delivery, self._studio.check)
        try:
            # Spoken at once: some narrators say only then that they do not know the language.
            return iter(list(narrator.speak(breath.text, breath.delivery, self._studio.check)))
        except Missing as missing:
            if missing.code != "language_unspoken":
                raise
            log.warning("words_left_unspoken", language=breath.delivery.language)
            return None

    @contextmanager
    def _ears(self) -> Iterator[Transcriber | None]:
        # None: lines are heard back where the machine has time to spare. True and False are the prompt's own choice.
        wished = self._prompt.speaking.heard_back
        needs: Needs = {"language": self.language}
        if not wished:
            needs["spare"] = "ears"
        with ExitStack() as held:
            ears: Transcriber | None = None
            if wished is not False:
                with suppress(Unserved):
                    ears = held.enter_context(self._studio.borrow(Transcriber, **needs))
            yield ears

    def _asked(self, line: Line, passage: Passage, cast: Cast, touch: Touch) -> _Asked:
        speaking = self._prompt.speaking
        played = play(line, passage, touch)
        own = cast.part_of(line.speaker)
        part = SpeakerVoice(own.voice, own.pitch_semitones + speaking.pitch_semitones, own.pace * speaking.pace)
        language = line.language or self._plan.language
        seed = self._plan.seed + 100 * passage.index
        breaths = breaths_of(line.text, part, played, language, seed, passage.mood, self._say_as)
        return _Asked(line, part, breaths, played.breath, played.energy_db + speaking.energy_db, played.after_s)

    def _cast(self, narrator: Narrator, *, strict: bool) -> Cast:
        facts, voices = self._plan.facts, narrator.voices()
        people = [one for one in (facts.hero, facts.helper, *facts.people) if one is not None]
        language = self._plan.language
        world = {one.name: one.said_in(language).voice for one in self._plan.recalled}
        before = {name: voice for name, voice in world.items() if voice}
        before |= self._prompt.before.cast if self._prompt.before else {}
        # A later episode keeps its people's voices, unless another narrator tells it.
        kept = {name: voice for name, voice in before.items() if known_to(voice, voices)}
        wished = self._prompt.voice
        if wished and not strict and not known_to(wished, voices):
            wished = None
        return cast_of(people, voices, language, self._plan.seed, wished, kept)


@dataclass(frozen=True)
class _Asked:
    line: Line
    part: SpeakerVoice
    breaths: tuple[Breath, ...]
    breath: float
    energy_db: float
    after_s: float


def _line(asked: _Asked, made: Sequence[tuple[Breath, Utterance]]) -> Take:
    """Join the breaths of a line with the pauses between them."""
    parts: list[Samples] = []
    words: list[WordTiming] = []
    at = 0
    for nth, (breath, utterance) in enumerate(made):
        words += word_times(breath.said, utterance, at / RATE_HZ)
        gap = round(breath.after_s * RATE_HZ) if nth + 1 < len(made) else 0
        parts += [utterance.samples, np.zeros(gap, np.float32)]
        at += len(utterance.samples) + gap
    samples = whispered(np.concatenate(parts), asked.breath, made[0][0].delivery.seed)
    return Take(asked.line, asked.part.voice, samples, tuple(words), asked.energy_db, asked.after_s)


def _placed(takes: Sequence[Take]) -> tuple[list[tuple[int, Samples, float]], tuple[SpokenLine, ...]]:
    placed: list[tuple[int, Samples, float]] = []
    lines: list[SpokenLine] = []
    start = round(LEAD_S * RATE_HZ)
    for take in takes:
        end = start + len(take.samples)
        at_s = start / RATE_HZ
        words = tuple(replace(word, start_s=word.start_s + at_s, end_s=word.end_s + at_s) for word in take.words)
        placed.append((start, take.samples, take.energy_db))
        lines.append(SpokenLine(take.line.speaker, take.line.text, take.voice, start, end, words))
        start = end + round(take.after_s * RATE_HZ)
    return placed, tuple(lines)
