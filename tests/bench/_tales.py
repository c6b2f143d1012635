"""Random tales of true voices and true music."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import Any

from pipeline.artifacts import Artifacts
from pipeline.audio.dress import dress_bed, dress_voice
from pipeline.audio.encode import stem_bytes
from pipeline.audio.room import room_of
from pipeline.cancelled import Cancelled
from pipeline.music.ambience import KINDS, Ambiences
from pipeline.music.midi import midi_of
from pipeline.places import Places
from pipeline.roles import Composer, Delivery, Narrator
from pipeline.settings import read_settings
from pipeline.shelf.manifest import read_manifest
from pipeline.shelf.weights import ensure, weights_of
from pipeline.words.event import CueReady, Done, Event, Narrated
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.score import Cue, Scored
from pipeline.words.sound import RATE_HZ, Artifact, Samples, Spoken, SpokenLine
from pipeline.words.story import Beat, Facts, Passage, Person, Plan
from tests.pipeline.audio.making import Made

NARRATOR, COMPOSER, VOICES = "kokoro-82m", "score", ("bm_fable", "af_heart", "bf_emma")
LINES = (
    "The lighthouse keeper climbed the winding stairs at dusk.",
    "Nobody in the village had seen such a storm before.",
    "She held the lantern high and listened to the waves.",
    "Far below, a small boat turned slowly in the dark water.",
    "Who is there?",
    "It is only me, said the old owl, and folded his wings.",
    "They walked through the forest until the morning came.",
    "Every window in the tower shone like a little sun.",
    "He opened the letter with trembling hands.",
    "There was nothing inside but a single silver key.",
    "Come closer, and I will tell you what the river told me.",
    "The children laughed and ran down to the harbour.",
    "At midnight the great bell rang, although no one had touched it.",
    "Wait for me!",
    "The bread was still warm when the baker came home.",
    "A red fox sat beside the gate as if it had been waiting for years.",
    "Then the wind fell, and the whole sea lay still.",
    "Her brother had hidden the map under the third stone.",
    "We will find another way, she whispered.",
    "And from that night on, the lamp was never dark again.",
)


@dataclass(frozen=True)
class Said:
    """A line of the bank."""

    text: str
    voice: str
    samples: Samples


@dataclass(frozen=True)
class Drawn:
    """A random tale with the words that are spoken in it."""

    made: Made
    text: str


@contextmanager
def lent(model: str, role: type[Any]) -> Iterator[Any]:
    """A backend straight from its manifest entry, its weights fetched if need be."""
    del role
    manifest, places, settings = read_manifest(), Places.here(), read_settings()
    entry = manifest[model]
    ensure((entry,), places, settings)
    backend = import_module(entry.backend).open_backend(weights_of(entry, places, settings), 1)
    try:
        yield backend
    finally:
        backend.close()


def bank() -> list[Said]:
    """Every line spoken once, the voices taking turns."""
    said: list[Said] = []
    with lent(NARRATOR, Narrator) as narrator:
        for nth, text in enumerate(LINES):
            voice = VOICES[nth % len(VOICES)]
            (one,) = narrator.speak(text, Delivery(voice, "en"), Cancelled())
            said.append(Said(text, voice, one.samples))
    return said


def drawn(said: Sequence[Said], composer: Composer, keep: Artifacts, seed: int, passages: int) -> Drawn:
    """A tale by chance: moods, lines, acting, places and pauses."""
    rng = random.Random(seed)
    events: list[Event] = []
    texts: list[str] = []
    moods = [_mood(rng) for _ in range(-(-passages // 2))]
    beats = tuple(Beat(scene, "beat", mood, 40) for scene, mood in enumerate(moods))
    plan = Plan("", "en", "bench", seed, Feeling(moods[0]), Facts(Person("Mira", "hero")), beats, seed % 12)
    around, kinds = Ambiences(seed), tuple(rng.sample(sorted(KINDS), rng.choice((0, 1, 2))))
    cue, carry = composer.intro(plan, 2.0, Cancelled())
    publish = partial(_published, keep)
    events.append(CueReady(publish(cue, None, (), Passage(0, -1, "", (), moods[0]))))
    end = len(cue.bed)
    for index in range(passages):
        last = index == passages - 1
        chosen = [rng.choice(said) for _ in range(rng.choice((1, 2, 2, 3)))]
        spoken = _spoken(keep, chosen, index, rng, room_of(kinds))
        passage = Passage(index // 2, index, "", (), moods[index // 2], index % 2 == 1, last, kinds)
        cue, carry = composer.compose(plan, passage, spoken.lines, spoken.samples, carry, last, Cancelled())
        lines = [(line.start, line.end) for line in spoken.lines]
        heard = around.around(kinds, end, len(cue.bed) + 3 * RATE_HZ, ())
        events += [Narrated(spoken), CueReady(publish(cue, heard, lines, passage))]
        texts += [one.text for one in chosen]
        end += len(cue.bed)
    events.append(Done(Artifact("0" * 64, ".json", 0)))
    return Drawn(Made(tuple(events), keep), " ".join(texts))


def _spoken(keep: Artifacts, chosen: Sequence[Said], index: int, rng: random.Random, room: Any) -> Spoken:
    at, lines, placed = round(0.15 * RATE_HZ), [], []
    for one in chosen:
        end = at + len(one.samples)
        lines.append(SpokenLine("narrator", one.text, one.voice, at, end))
        placed.append((at, one.samples * rng.uniform(0.1, 1.0), rng.uniform(-4, 4)))
        at = end + round(rng.uniform(0.25, 0.5) * RATE_HZ)
    samples = lines[-1].end + round(rng.uniform(0.35, 0.6) * RATE_HZ)
    stem = dress_voice(placed, samples, room)
    return Spoken(index // 2, index, keep(stem_bytes(stem), ".wav"), samples, tuple(lines))


def _published(
    keep: Artifacts, cue: Cue, ambience: Samples | None, lines: Sequence[tuple[int, int]], passage: Passage
) -> Scored:
    lift_db = 2.0 * (2 * passage.mood.arousal - 1)
    dressed = dress_bed(cue, ambience, lines, room_of(passage.ambience, lift_db), last=passage.closes_tale)
    bed, tail, vamp = (keep(stem_bytes(stem), ".wav") for stem in (dressed.bed, dressed.tail, dressed.vamp))
    lengths = (len(dressed.bed), len(dressed.tail), len(dressed.vamp))
    return Scored(passage.scene, passage.index, bed, tail, vamp, *lengths, cue.tempo, keep(midi_of(cue), ".mid"))


def longer(made: Made, times: int) -> Made:
    """The same stems told over and over, as one long tale."""
    events: list[Event] = []
    for lap in range(times):
        for event in made.events[:-1]:
            shift = lap * 10_000
            if isinstance(event, Narrated):
                events.append(Narrated(replace(event.spoken, passage=event.spoken.passage + shift)))
            elif isinstance(event, CueReady):
                events.append(CueReady(replace(event.scored, passage=event.scored.passage + shift)))
    return Made((*events, made.events[-1]), made.keep)


def _mood(rng: random.Random) -> Mood:
    pure = Mood.pure(rng.choice(list(Emotion)))
    return replace(pure, arousal=min(1.0, max(0.0, pure.arousal + rng.uniform(-0.15, 0.15))))
