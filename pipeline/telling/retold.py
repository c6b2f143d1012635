"""A source becomes words to tell."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from pipeline.errors import Missing, Refused
from pipeline.roles import Embedder
from pipeline.sources.news import Array, chosen_items
from pipeline.telling.studio import Studio
from pipeline.words.prompt import MOST_WORDS, Prompt, told_words
from pipeline.words.source import SourceKind, StorySource, TellerManner
from pipeline.writing.retell import RetoldSource, connecting, retelling_of


def retold(prompt: Prompt, studio: Studio) -> Prompt:
    """The prompt with its source's facts as words that are told as written; as it is where it has no source.

    A picture whose asker says what it shows is a wish: its light is where the tale takes place.
    """
    source = prompt.source
    if source is None:
        return prompt
    if source.kind is SourceKind.PICTURE and prompt.text.strip():
        return replace(prompt, text=_in_its_light(prompt.text, source, prompt.language))

    made = studio.once("retell", "0", RetoldSource, partial(_account, prompt, source, studio))
    words = min(MOST_WORDS, told_words(made.text))
    source = replace(source, title=made.title, manner=made.manner)
    sober = made.manner is TellerManner.SOBER  # nothing that happened to somebody is played as an effect
    return replace(
        prompt,
        text=made.text,
        as_written=True,
        language=made.language,
        words=words,
        source=source,
        effects=prompt.effects and not sober,
    )


def _account(prompt: Prompt, source: StorySource, studio: Studio) -> RetoldSource:
    if source.kind is SourceKind.FEED:
        source = chosen_items(source, prompt.words, lambda texts: _embed(texts, studio))
    return retelling_of(source, prompt.words, prompt.seed, prompt.language or "", prompt.text)


def _in_its_light(words: str, source: StorySource, language: str | None) -> str:
    table = connecting().get(language or "")
    light = next((fact.slots["light"] for fact in source.facts if fact.happening == "light"), "")
    return f"{words}, {table.light[light]}" if table and light else words


def _embed(texts: list[str], studio: Studio) -> Array | None:
    try:
        with studio.borrow(Embedder) as embedder:
            return embedder.embed(texts)
    except (Missing, Refused):
        return None
