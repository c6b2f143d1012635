"""Why a mood was read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.places import DATA
from pipeline.roles import TextReader
from pipeline.tables import FALLBACK, by_language, read_table
from pipeline.telling.feel import read_feeling
from pipeline.telling.hear import transcribe
from pipeline.telling.studio import Studio
from pipeline.wording import mood_name
from pipeline.words.mood import Emotion, Evidence, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.sound import Artifact, Transcript

MOST_WORDS = 80
"""Most words that are weighed, from the text's beginning: the text is read once without each."""
TOLD = 3
"""Most words named in the sentence."""
_WORD = re.compile(r"[^\W\d_][\w'’-]*")


@dataclass(frozen=True)
class _Why:
    """Sentences of a file data/languages/<code>/sentences.toml."""

    words: str
    voice: str
    both: str
    unsure: str


@dataclass(frozen=True)
class _Sentences:
    why: _Why | None = None


@dataclass(frozen=True)
class Look:
    """How a feeling looks and is called."""

    colour: str
    """`#rrggbb`."""
    words: tuple[str, ...]
    """For descriptions of pictures, in English."""


@dataclass(frozen=True)
class _Looks:
    look: Look


def explain(
    text: str, recording: Artifact | None, language: str, studio: Studio, transcript: Transcript | None = None
) -> Feeling:
    """Return the feeling with the words and the stretches of voice that moved it, the strongest first."""

    moved: list[Evidence] = []

    def read(words: str, known: str, studio: Studio) -> Mood:
        mood, evidence = weigh(words, known, studio)
        moved.extend(evidence)
        return mood

    def work() -> Feeling:
        said = transcript
        if recording and not transcript and not text.strip():
            said = transcribe(recording, language, studio)
        prompt = Prompt(text=text, seed=0, language=language, recording=recording)
        feeling = read_feeling(prompt, said, studio, read=read)
        return replace(feeling, evidence=(*moved, *feeling.evidence))

    return studio.once("explain", "0", Feeling, work)


def weigh(text: str, language: str, studio: Studio) -> tuple[Mood, tuple[Evidence, ...]]:
    """Read a text, and how far the leading feeling's share falls without each word."""
    # One borrow for all readings: a tale that plays might wait behind either of two.
    found = list(_WORD.finditer(text))[:MOST_WORDS]
    with studio.borrow(TextReader) as reader:
        mood, *others = reader.read([text, *without_each(text, found)], language, studio.check)
    leading = mood.emotion
    told = [
        Evidence("word", word.group(), leading, _share(mood, leading) - _share(other, leading))
        for word, other in zip(found, others, strict=True)
    ]
    return mood, tuple(sorted(told, key=lambda one: -one.weight))


def without_each(text: str, words: Sequence[re.Match[str]]) -> list[str]:
    """Return the text once for every word, with that word left out."""
    return [re.sub(r"\s{2,}", " ", text[: word.start()] + text[word.end() :]).strip() for word in words]


def why(feeling: Feeling, language: str) -> str:
    """Say the reasons in one sentence."""
    tables = {code: one.why for code, one in by_language("sentences", _Sentences).items() if one.why}
    table = tables.get(language) or tables[FALLBACK]
    words = [one.what for one in feeling.evidence if one.kind == "word" and one.weight > 0][:TOLD]
    spoken = next((one for one in feeling.evidence if one.kind == "voice" and one.weight > 0), None)
    sentence = table.both if words and spoken else table.words if words else table.voice if spoken else table.unsure
    return sentence.format(
        emotion=mood_name(feeling.mood.emotion, language),
        words=", ".join(f"“{word}”" for word in words),
        start=f"{spoken.start_s:.0f}" if spoken and spoken.start_s is not None else "",
        end=f"{spoken.end_s:.0f}" if spoken and spoken.end_s is not None else "",
    )


def looks() -> dict[Emotion, Look]:
    """Return colours and words of all feelings."""
    return {emotion: one.look for emotion, one in read_table(DATA / "moods.toml", dict[Emotion, _Looks]).items()}


def _share(mood: Mood, emotion: Emotion) -> float:
    return mood.weights.get(emotion, 0.0)
