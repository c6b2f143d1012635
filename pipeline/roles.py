"""What models can do, as protocols."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol, TypedDict, runtime_checkable

import numpy as np
import numpy.typing as npt

from pipeline.cancelled import Cancelled
from pipeline.words.mood import Evidence, Mood
from pipeline.words.picture import PaperSheet, SceneView
from pipeline.words.score import Carry, Cue
from pipeline.words.sound import Recording, Samples, SpokenLine, Transcript
from pipeline.words.story import Passage, Plan

# A backend plays one role and is `Closable`; what else it can do is an ability below, found by `isinstance`.
# Every call that can last takes `check`: called between pieces it raises TaleCancelled; `check.watch(brake)`
# pulls a brake from outside. A backend stops within a second of it.


class Needs(TypedDict, total=False):
    """What a borrower asks of a model besides its role; a misspelt name is a type error."""

    language: str
    """ISO 639-1: only models that know it."""
    model: str
    """This one alone, by its id in data/models.toml."""
    stand_in: int
    """How many of those that would serve are passed over, because they failed."""
    rung: int
    """0 as it is, then leaner, then without the card: see the ladder."""
    beside: Literal["writer"]
    """Nobody must wait for a swap of the writer that is at work: models without a card come first."""
    reads: Literal["wishes"]
    """Only writers that are big enough to read a wish."""
    reins: Literal["loose", "free"]
    """Only the first choice, and only where its words run so freely."""
    careful: Literal["file"]
    """Nobody waits for the answer live: the model that hears best comes first, where its weights are here."""
    spare: Literal["ears"]
    """Only where the machine has the time to hear again what it spoke."""


class Closable(Protocol):
    """Every backend is."""

    def close(self) -> None:
        """Free all that it holds. Called once, by the shelf alone, when nobody borrows it any more."""


@runtime_checkable
class Leanable(Protocol):
    """A backend that can work in less memory."""

    def lean(self) -> None:
        """Work in less memory from now on; called at most once, after an out-of-memory."""


@runtime_checkable
class Offloadable(Closable, Protocol):
    """A backend on a card that can rest in the machine's memory while another works there."""

    def doze(self) -> None:
        """Leave the card and keep all that is needed to come back the same."""

    def wake(self) -> None:
        """Return to the card. Raises what loading raises; the shelf then closes it."""


@runtime_checkable
class VoiceLearner(Protocol):
    """A narrator that can be taught a voice."""

    def learn(self, voice: str, reference: Recording) -> dict[str, Any]:
        """Learn the voice of a recording; returns, as JSON data, what `know` takes again."""

    def know(self, voice: str, kept: Mapping[str, Any]) -> None:
        """Load a voice that was learnt before; from then on it may be spoken with."""

    def forget(self, voice: str) -> None:
        """Unload it: its owner took it back, or the job that needed it is over."""


@runtime_checkable
class ToneReader(Protocol):
    """A voice reader that can say what a voice is like, feeling aside."""

    def tone(self, recording: Recording, check: Cancelled) -> npt.NDArray[np.float32] | None:
        """One vector, as `Recording.usual` takes the mean of; None where nobody speaks."""


class Transcriber(Protocol):
    def transcribe(self, recording: Recording, language: str | None, check: Cancelled) -> Transcript: ...


class VoiceReader(Protocol):
    def read(self, recording: Recording, check: Cancelled) -> tuple[Mood, tuple[Evidence, ...]]:
        """How it is said, with the stretches that moved the reading."""


class TextReader(Protocol):
    languages: frozenset[str]
    """Those it was measured in; others come back uncertain."""

    def read(self, texts: Sequence[str], language: str, check: Cancelled) -> list[Mood]: ...


class Embedder(Protocol):
    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One normalised row per text."""


class Kind(StrEnum):
    """What the model is to complete."""

    CHOICE = "choice"
    """One of `options`, word for word."""
    FACTS = "facts"
    """One line of `hero: ...; who: ...; deed: ....`, every value words of `source` that stand side by side."""
    SCENE = "scene"
    """`least_sentences` to `sentences` sentences, quotations among them that end in one of `says`."""
    OUTLINE = "outline"
    """A line of one sentence for each of `options`, begun by it: `End: ...`."""
    FREE = "free"
    """Anything up to `max_tokens`; for measures and comparisons."""


FACT_KEYS = ("hero", "who", "deed")
"""What a reader of wishes is asked for."""


@dataclass(frozen=True)
class Turn:
    """The context: grows byte for byte, so that a cache holds."""

    system: str
    user: str
    told: str
    """The tale so far with the started sentence at its end; never ends in a space."""


@dataclass(frozen=True)
class Ask:
    """What to complete, and how."""

    kind: Kind
    seed: int
    sentences: int = 1
    options: tuple[str, ...] = ()
    source: str = ""
    """The wish that is read."""
    max_tokens: int = 80
    temperature: float = 0.8
    least_sentences: int = 1
    """Of a scene; `sentences` are the most."""
    says: tuple[str, ...] = ()
    """How a quotation of a scene may go on, so that its speaker is known: ` said Mira.`."""
    comma_inside: bool = False
    """Whether a quotation that goes on ends in a comma of its own: `"Yes," said Mira.`."""


class Writer(Protocol):
    def settle(self, system: str) -> None:
        """Bring caches to the same state before each tale, so that a seed gives the same tale, warm or cold."""

    def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
        """Pieces of the completion as they come; join them for the whole."""


@runtime_checkable
class Drafter(Protocol):
    """A writer that completes the same turn several times side by side."""

    def drafts(self, turn: Turn, ask: Ask, count: int, check: Cancelled) -> list[str]:
        """So many completions, each by a seed of its own; the same for the same turn, ask and count."""


class Composer(Protocol):
    def intro(self, plan: Plan, seconds: float, check: Cancelled) -> tuple[Cue, Carry]:
        """A mood-only opening, before any line exists; `plan` may still lack its beats' starters."""

    def compose(
        self,
        plan: Plan,
        passage: Passage,
        lines: Sequence[SpokenLine],
        samples: int,
        carry: Carry,
        last: bool,
        check: Cancelled,
    ) -> tuple[Cue, Carry]:
        """The passage's cue, at least `samples` long, in whole bars; `last` resolves the tale."""


@dataclass(frozen=True)
class Voice:
    """A voice a narrator offers."""

    id: str
    """As in data/voices.toml: `bm_fable`."""
    language: str
    """ISO 639-1."""
    locale: str
    """`en-GB`."""
    gender: str
    """`f`, `m` or empty."""
    licence: str


@dataclass(frozen=True)
class Delivery:
    """How one sentence is to be spoken: the narrator's controls, model by model."""

    voice: str
    """Voice id, or ids with shares for a blend: `bm_fable:0.7,bf_emma:0.3`."""
    language: str
    pace: float = 1.0
    """1 is the voice's own; 0.7..1.4."""
    pitch_semitones: float = 0.0
    energy_db: float = 0.0
    seed: int = 0
    mood: Mood | None = None
    """For backends that act by reference voice or temperature."""


@dataclass(frozen=True)
class Utterance:
    """A stretch of speech as the model gave it, trimmed of silence."""

    samples: Samples
    """Mono at 48 kHz."""
    shares: tuple[tuple[str, float], ...] = ()
    """(word as given, its share of the length), where the backend knows; sums to one."""


class Narrator(Protocol):
    def voices(self) -> tuple[Voice, ...]: ...

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        """The text, already spelled out for speech, piece by piece."""


class Illustrator(Protocol):
    def sheets(self, view: SceneView, width: int, height: int, check: Cancelled) -> list[PaperSheet]:
        """The scene from the back to the front; one sheet alone where it is painted and not cut."""
