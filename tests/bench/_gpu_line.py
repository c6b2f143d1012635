"""One tale through six big models."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pipeline.artifacts import Artifacts
from pipeline.audio.decode import read_upload
from pipeline.audio.encode import stem_bytes
from pipeline.cancelled import Cancelled
from pipeline.places import DATA
from pipeline.roles import Ask, Composer, Kind, Narrator, TextReader, Transcriber, Turn, VoiceReader, Writer
from pipeline.shelf.shelf import Shelf
from pipeline.telling.feel import read_feeling
from pipeline.telling.hear import transcribe
from pipeline.telling.in_memory import InMemory
from pipeline.telling.line import tell
from pipeline.telling.studio import Studio
from pipeline.words.prompt import Order, Prompt, Said
from pipeline.words.sound import RATE_HZ, Transcript
from pipeline.writing.read_wish import system as reading_system

R = TypeVar("R")
EXAMPLE = DATA / "examples" / "to_hear" / "the-second-door"
HEARD_S = 10.0
WISH = "A lighthouse keeper befriends a storm"
# What the writer's craft asks for a tale of 300 words, counted over real tales: the house leads each sentence, the
# model goes on with it.
ASKS_A_WORD, TOKENS_AN_ASK = 24 / 291, 14
SPOKEN_TOKENS_A_CHAR = 1.54
"""Of XTTS, for speech of 14 characters a second: random weights never stop by themselves."""
HEARD_TOKENS = 60
"""Of Whisper, for ten seconds of speech."""


@dataclass
class Taken:
    """Seconds of one tale by stage, and what the models made in them."""

    seconds: dict[str, float] = field(default_factory=dict)
    total_s: float = 0.0
    tokens: int = 0
    spoken_s: float = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        since_s = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - since_s


def told(shelf: Shelf, words: int, seed: int, after: Callable[[str], None], *, small: bool) -> Taken:
    """Heard, felt, written, narrated, scored and mixed, stage by stage; `after` each borrow looks at the card.

    The writer draws as many tokens as its craft asks for; the words that are spoken are an example's, since random
    weights write none. All else is the line itself.
    """
    taken = Taken()
    since_s = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        keep = Artifacts(Path(folder))
        memory = InMemory(shelf, keep, lambda _event: None, Cancelled())
        studio = _looked_after(memory.studio, after, small=small)
        recording = keep(stem_bytes(_speech()), ".wav")
        with taken.stage("stt"):
            transcript = transcribe(recording, "en", studio)
        wish = Prompt(WISH, seed, said=(Said(recording),), order=Order.LIST)
        before_s = dict(shelf.held_s)
        read_feeling(wish, Transcript(WISH, "en", 1.0, transcript.words), studio)
        for stage, role in (("voice_emotion", VoiceReader), ("text_emotion", TextReader)):
            taken.seconds[stage] = shelf.held_s[role.__name__] - before_s.get(role.__name__, 0.0)
        text = _text(words)
        with taken.stage("story"):
            taken.tokens = _written(studio, text, seed)
        prompt = Prompt(text, seed, words=words, language="en", as_written=True, order=Order.LIST)
        tale = tell(prompt, studio)
        for stage, mine in (("narration", "narrate"), ("music", "compose"), ("music", "intro"), ("mix", "mix")):
            taken.seconds[stage] = taken.seconds.get(stage, 0.0) + memory.seconds.get(mine, 0.0)
        lines = [line for placed in tale.timeline.placed if placed.spoken for line in placed.spoken.lines]
        taken.spoken_s = sum(line.end - line.start for line in lines) / RATE_HZ
    taken.total_s = time.perf_counter() - since_s
    return taken


def _looked_after(studio: Studio, after: Callable[[str], None], *, small: bool) -> Studio:
    """The same studio; lengths are fixed where random weights know no end."""

    @contextmanager
    def lent(role: type[R], **needs: Any) -> Iterator[R]:
        with studio.borrow(role, **needs) as model:
            if role is Narrator:
                _ends(model)
            elif role is Transcriber:
                _stops(model)
            elif role is Composer and small:
                _paints_little(model)
            yield model
            after(role.__name__)

    borrow: Callable[..., AbstractContextManager[Any]] = lent
    return Studio(borrow, studio.keep, studio.once, studio.say, studio.check)


def _written(studio: Studio, text: str, seed: int) -> int:
    """As many completions as the craft asks for, each on a context as long as it is there."""
    spoken = text.split()
    asks = max(1, round(len(spoken) * ASKS_A_WORD))
    system = reading_system()
    for nth in range(asks):
        before = " ".join(spoken[: len(spoken) * nth // asks])
        with studio.borrow(Writer, language="en") as writer:
            if not nth:
                writer.settle(system)
            ask = Ask(Kind.FREE, seed + nth, max_tokens=TOKENS_AN_ASK)
            for _ in writer.complete(Turn(system, WISH, before), ask, studio.check):
                pass
    return asks * TOKENS_AN_ASK


def _text(words: int) -> str:
    """So many words of an example, told on from its beginning where it is shorter."""
    paragraphs = (EXAMPLE / "story.md").read_text(encoding="utf-8").split("---")[0].split("\n\n")
    told_in = [one.strip() for one in paragraphs if one.strip() and one[0] not in "#*"]
    chosen: list[str] = []
    while sum(len(one.split()) for one in chosen) < words:
        chosen.append(told_in[len(chosen) % len(told_in)])
    return "\n\n".join(chosen)


def _speech() -> Any:
    """Ten seconds of an example."""
    heard = read_upload(EXAMPLE / "tale.opus", RATE_HZ)
    return heard[8 * RATE_HZ : round((8 + HEARD_S) * RATE_HZ)]


def _ends(narrator: Any) -> None:
    """A line ends after as many tokens as such a line has."""
    model = narrator._model
    if hasattr(model, "unbounded"):
        return
    model.unbounded = model.inference

    def inference(text: str, *args: Any, **options: Any) -> Mapping[str, Any]:
        options["max_new_tokens"] = max(8, round(SPOKEN_TOKENS_A_CHAR * len(text)))
        told_out: Mapping[str, Any] = model.unbounded(text, *args, **options)
        return told_out

    model.inference = inference


def _stops(transcriber: Any) -> None:
    """As many tokens as ten seconds hold, and no second try at another temperature."""
    model = transcriber._model
    if hasattr(model, "unbounded"):
        return
    model.unbounded = model.transcribe
    bounds = {"max_new_tokens": HEARD_TOKENS, "temperature": 0.0, "no_speech_threshold": None}
    model.transcribe = lambda speech, **options: model.unbounded(speech, **{**options, **bounds})


def _paints_little(composer: Any) -> None:
    """On a CPU a small picture in few steps: nothing of its time is measured."""
    composer._clips._pixels, composer._clips._steps = 64, 3
