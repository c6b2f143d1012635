"""Does all kinds of jobs with models."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, Unpack

import numpy as np

from pipeline.audio.encode import stem_bytes
from pipeline.audio.upload import read_apart
from pipeline.errors import Refused
from pipeline.film.reel import suffix_here
from pipeline.road.steps import Lender
from pipeline.roles import Composer, Embedder, Narrator, Needs, VoiceLearner
from pipeline.speaking.consent import accept_consent
from pipeline.speaking.likeness import nearest
from pipeline.tables import by_language
from pipeline.telling.edit import earlier, with_earlier
from pipeline.telling.explain import explain
from pipeline.telling.feel import read_feeling, read_tone, recording_of
from pipeline.telling.film_tale import film
from pipeline.telling.hear import transcribe
from pipeline.telling.line import tell
from pipeline.telling.music_alone import cue_alone, hold_to_length, levelled
from pipeline.telling.narrate import narrate
from pipeline.telling.studio import Studio
from pipeline.telling.underscore import underscored
from pipeline.words.answer import Cloned, Composed, Embedded, Explained, Filmed, Sampled, Transcribed, Underscored
from pipeline.words.jsonable import from_json, to_json
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Order, Prompt
from pipeline.words.request import Clone, Compose, Embed, Explain, Film, Request, Sample, Tell, Transcribe, Underscore
from pipeline.words.sound import RATE_HZ, Artifact, Recording, Transcript
from pipeline.words.story import Facts, Passage, Person, Plan
from pipeline.words.tale import Tale
from pipeline.writing.language import detect
from pipeline.writing.verbatim import pieces_of, with_short_first

_SAME_TEXT = "A lighthouse keeper befriends a storm."
LEARNT = "learnt-"
"""Prefix of the ids of cloned voices."""


def write_down(wish: Transcribe, studio: Studio) -> Artifact:
    """Transcribe a recording and read its feeling."""
    transcript = studio.once("hear", "0", Transcript, lambda: transcribe(wish.recording, wish.language, studio))
    feeling = None
    if wish.read_feeling:
        prompt = Prompt("", seed=0, language=wish.language, recording=wish.recording)
        feeling = studio.once("feel", "0", Feeling, lambda: read_feeling(prompt, transcript, studio, wish.usual))
    # No step: what somebody's voice is like stands in the answer, which goes when it is read, and nowhere else.
    tone = read_tone(wish.recording, studio) if wish.tone and feeling and feeling.voice else ()
    return kept_json(to_json(Transcribed(transcript, feeling, tone)), studio)


def say_why(wish: Explain, studio: Studio) -> Artifact:
    """Read the feeling of a text, with its evidence."""
    return kept_json(to_json(Explained(explain(wish.text, wish.recording, wish.language, studio))), studio)


def place(wish: Embed, studio: Studio) -> Artifact:
    """Texts by meaning; the first text names the model."""
    # No step: a question is asked once, and its answer goes as soon as it is read.
    with studio.borrow(Embedder) as embedder:
        rows = embedder.embed((_SAME_TEXT, *wish.texts))
    whole = np.rint(rows * (127 / np.abs(rows).max(axis=1, keepdims=True))).astype(np.int8)
    model, *places = (base64.b64encode(row.tobytes()).decode() for row in whole)
    named = hashlib.sha256(model.encode()).hexdigest()[:16]
    return kept_json(to_json(Embedded(named, tuple(places))), studio)


@dataclass(frozen=True)
class _Sample:
    """Of a file data/languages/<code>/voices.toml."""

    sample: str = ""


def let_hear(wish: Sample, studio: Studio) -> Artifact:
    """Let a voice speak a text, or its sample; raises Refused `language_unspoken`."""
    language = wish.language or detect(wish.text)
    known = by_language("voices", _Sample).get(language)
    text = wish.text or (known.sample if known else "")
    if not text.strip():
        raise Refused("language_unspoken", language=language)
    calm = Mood.pure(Emotion.NEUTRAL)
    pieces = with_short_first(pieces_of(text)) if wish.quick else pieces_of(text)
    passages = [Passage(piece.scene, at, piece.text, piece.lines, calm) for at, piece in enumerate(pieces)]
    voice = wish.voice or None
    prompt = Prompt(text, seed=0, voice=voice, as_written=True, language=language, speaking=wish.speaking)
    plan = Plan("", language, "spoken", 0, Feeling(calm), Facts(Person("narrator")), (), 0)
    spoken = tuple(told.spoken for told in narrate(prompt, plan, passages, studio))
    return kept_json(to_json(Sampled(spoken)), studio)


def score(wish: Compose, studio: Studio) -> Artifact:
    """Compose music for a mood; raises Refused `music_length_out_of_bounds`."""
    hold_to_length(wish.seconds)

    def work() -> Composed:
        with studio.borrow(Composer) as composer:
            cue = cue_alone(composer, wish.mood, wish.hero, wish.seed, wish.seconds, studio.check)
        samples = levelled(cue)
        return Composed(studio.keep(stem_bytes(samples), ".wav"), len(samples) / RATE_HZ)

    return kept_json(to_json(studio.once("compose", "0", Composed, work)), studio)


def learn(wish: Clone, studio: Studio) -> Artifact:
    """Clone a voice from its owner's consent; raises Refused with what to change where the consent was not heard."""
    transcript = studio.once("hear", "0", Transcript, lambda: transcribe(wish.recording, wish.language, studio))
    recording = recording_of(wish.recording, studio)
    accept_consent(wish.sentence, transcript.text, recording, max(1, len({name for name, _ in transcript.speakers})))
    return kept_json(to_json(studio.once("clone", "0", Cloned, lambda: _learnt(wish, studio))), studio)


def filmed(wish: Film, studio: Studio) -> Artifact:
    """A finished tale as a film."""

    def work() -> Filmed:
        tale = from_json(Tale, json.loads(studio.keep.path(wish.tale).read_bytes()))
        with tempfile.TemporaryDirectory(prefix="echotales-film-") as folder:
            file = Path(folder) / f"tale{suffix_here()[0]}"
            notes = film(tale, file, wish.shape, studio, wish.limit_bytes)
            return Filmed(studio.keep.adopt(file, file.suffix), notes)

    return kept_json(to_json(studio.once("film", "0", Filmed, work)), studio)


def kept_json(data: dict[str, Any], studio: Studio) -> Artifact:
    """Keep an object as a file that a job's last event can name."""
    return studio.keep(json.dumps(data, ensure_ascii=False).encode(), ".json")


def _learnt(wish: Clone, studio: Studio) -> Cloned:
    """Let the narrator learn the voice where it can; else find the nearest blend of its own voices."""
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


R = TypeVar("R")


LEAST, MOST = 3, 4
"""Least number of drafts: choosing among fewer is not worth their time."""
SPARE_S = 0.09
"""Seconds of writing for a word, all drafts together: a quarter of the time it takes to be spoken."""


@dataclass(frozen=True)
class ModelWorkshop:
    """Tells tales and does short jobs, with the models of one shelf."""

    lender: Lender
    sign: Callable[[Tale], Tale]
    """Adds to a tale how it was made, and its terms."""
    make_room: Callable[[], None] = lambda: None
    """Called before a tale; raises Unwell where it could not be kept."""
    tidy: Callable[[], None] = lambda: None
    """Called after a tale, when nobody waits for its first word any more; never raises."""
    leisure: Leisure = field(default_factory=lambda: Leisure(lambda: 0.0))
    """Decides how many drafts of a sentence this machine has time for."""
    order: Order = Order.FLOW
    """How a tale is made that nobody listens to meanwhile: stage by stage where models must be swapped."""
    busy: Callable[[], None] = lambda: None
    """Called before any job: a trial of the models must end, or a step finds their caches changed."""

    def make(self, request: Request, studio: Studio) -> Artifact:
        """Do one job and keep its answer as JSON; of a tale, all of it."""
        self.busy()
        if not isinstance(request, Tell):
            return _errand(request, studio)
        prompt, live = request.prompt, request.live
        # A step, so that a replay elsewhere walks the same way.
        walk = studio.once("walk", "0", Order, lambda: self._begun(prompt, live=live))
        at_work = _beside_the_writer(studio, prompt) if live else studio
        at_work = with_voice(at_work, prompt.voice, prompt.learnt)
        drafts = studio.once("drafts", "0", int, lambda: max(prompt.candidates, self.leisure.drafts()))
        made = tell(replace(prompt, order=walk, candidates=drafts), at_work)
        if not prompt.as_written and prompt.change is None:
            self.leisure.told(_words(made), drafts)
        self.tidy()
        return self._signed(made, studio)

    def _begun(self, prompt: Prompt, *, live: bool) -> Order:
        self.make_room()
        return prompt.order if live or prompt.order is Order.LIST else self.order

    def _signed(self, tale: Tale, studio: Studio) -> Artifact:
        # A step, since what it cost and who made it would differ on a replay.
        def work() -> Artifact:
            change, made = tale.prompt.change, self.sign(tale)
            return kept_json(to_json(with_earlier(made, earlier(change, studio)) if change else made), studio)

        return studio.once("sign", "0", Artifact, work)


def _errand(
    request: Transcribe | Sample | Explain | Embed | Clone | Compose | Underscore | Film, studio: Studio
) -> Artifact:
    """Do what is no tale and keep its answer."""
    match request:
        case Transcribe():
            return write_down(request, studio)
        case Sample():
            return let_hear(request, with_voice(studio, request.voice, request.learnt))
        case Explain():
            return say_why(request, studio)
        case Embed():
            return place(request, studio)
        case Clone():
            return learn(request, studio)
        case Compose():
            return score(request, studio)
        case Underscore():
            return kept_json(
                to_json(studio.once("underscore", "0", Underscored, partial(underscored, request, studio))), studio
            )
        case Film():
            return filmed(request, studio)


def _words(tale: Tale) -> int:
    return sum(len(passage.text.split()) for passage in tale.story.passages)


def _beside_the_writer(studio: Studio, prompt: Prompt) -> Studio:
    """While somebody listens, the writer keeps the card, and only a wished voice gets it too."""

    def borrow(role: type[R], **needs: Unpack[Needs]) -> AbstractContextManager[R]:
        if role is Narrator and prompt.voice:
            return studio.borrow(role, **needs)
        needs["beside"] = "writer"
        return studio.borrow(role, **needs)

    return replace(studio, borrow=borrow)


def with_voice(studio: Studio, voice: str | None, learnt: Artifact | None) -> Studio:
    """Return a studio whose narrator knows this voice while the job runs; no other tale finds it among its voices.

    A narrator that cannot learn is left as it is, and reports by itself that it does not know the voice.
    """
    if voice is None or learnt is None:
        return studio

    @contextmanager
    def borrow(role: type[Any], **needs: Unpack[Needs]) -> Iterator[Any]:
        with studio.borrow(role, **needs) as model:
            if role is not Narrator or not isinstance(model, VoiceLearner):
                yield model
                return
            with np.load(studio.keep.path(learnt)) as kept:
                model.know(voice, dict(kept))
            try:
                yield model
            finally:
                model.forget(voice)

    return replace(studio, borrow=borrow)


class Leisure:
    """Drafts a sentence, by how fast the writer was in earlier tales; decided before a tale, never inside one."""

    def __init__(self, held_s: Callable[[], float]) -> None:
        self._held_s = held_s
        """Seconds for which writers were borrowed so far."""
        self._words = 0

    def drafts(self) -> int:
        """Return the number of drafts for every sentence of the next tale."""
        if not self._words:
            return 1
        fit = int(SPARE_S * self._words / max(1e-9, self._held_s()))
        return min(fit, MOST) if fit >= LEAST else 1

    def told(self, words: int, drafts: int) -> None:
        """Note that a tale of so many words was written in so many drafts."""
        self._words += words * drafts
