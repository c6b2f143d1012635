"""Whether a wish can be told at all."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from pipeline.errors import Refused
from pipeline.forbidding import forbidden, harmless
from pipeline.tables import FALLBACK, all_languages
from pipeline.words.prompt import (
    LEAST_WORDS,
    MAX_PROMPT_CHARS,
    MOST_WORDS,
    WORDS_PER_MINUTE,
    Prompt,
    Rating,
    told_words,
)  # fmt: skip
from pipeline.writing.language import detect, votes
from pipeline.writing.tongue import tongues

TEMPLATE_MARKS = re.compile(r"<\|[^|>]{0,40}\|>|</?s>|\[/?INST\]|<</?SYS>>|</?start_of_turn>|</?end_of_turn>")
"""What chat templates are made of; a member has no business writing them."""
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


@dataclass(frozen=True)
class Wish:
    """A prompt that can be told."""

    text: str
    """Without control characters and template marks."""
    language: str
    """One we can write in."""
    notes: tuple[str, ...]
    """What the member should be told, as codes."""


def accept(prompt: Prompt, said: str, language: str | None = None) -> Wish:
    """Clean and understand what was typed or said; raises Refused with what to change."""
    long = len(said) > MAX_PROMPT_CHARS and not prompt.as_written
    if long and prompt.spoken:
        said = said[:MAX_PROMPT_CHARS].rsplit(maxsplit=1)[0]  # who spoke for long is told as far as it goes
    elif long:
        raise Refused("prompt_too_long", chars=len(said), most=MAX_PROMPT_CHARS)
    hold_to_length(prompt)
    text = plain(said) if prompt.as_written else cleaned(said)
    if not text and not prompt.before:
        raise Refused("prompt_empty")
    wanted = prompt.language or language or detect(text)
    notes = (*(("spoken_long",) if long else ()), *_notes(text, wanted))
    if "emoji_only" in notes and wanted == FALLBACK:
        text = _in_words(text)
    refuse_unfit(text, prompt.rating)
    return Wish(text, wanted if wanted in tongues() or prompt.as_written else FALLBACK, notes)


def hold_to_length(prompt: Prompt) -> None:
    """Raises Refused `length_out_of_range`, or `written_too_long` for words that are told as they are written."""
    if not prompt.as_written:
        if not LEAST_WORDS <= prompt.words <= MOST_WORDS:
            raise Refused("length_out_of_range", words=prompt.words, least=LEAST_WORDS, most=MOST_WORDS)
        return
    words = told_words(prompt.text)
    if words > MOST_WORDS:
        minutes, most = round(words / WORDS_PER_MINUTE), MOST_WORDS // WORDS_PER_MINUTE
        raise Refused("written_too_long", minutes=minutes, most=most)


def cleaned(text: str) -> str:
    """One line of plain characters, without what chat templates are made of."""
    return re.sub(r"\s+", " ", TEMPLATE_MARKS.sub(" ", plain(text))).strip()


def plain(text: str) -> str:
    """Without control characters; paragraphs stay."""
    return CONTROL.sub(" ", unicodedata.normalize("NFC", text).replace("\r\n", "\n")).strip()


def refuse_unfit(text: str, rating: Rating) -> None:
    """Raise Refused `prompt_unfit` where the wish itself is hateful, or not for those who listen."""
    if not fits(text, rating):
        raise Refused("prompt_unfit", rating=rating.value)


def fits(text: str, rating: Rating) -> bool:
    """Whether no word of the text is forbidden under the rating, under whatever disguise."""
    return not forbidden().stands_in(text, rating, harmless())


def _in_words(pictures: str) -> str:
    """What emoji show, by their Unicode names: `a fox`; as they stand where they have none."""
    names = [unicodedata.name(char, "").lower() for char in pictures if unicodedata.category(char) == "So"]
    shown = [re.sub(r"\b(face|with|sign|symbol|emoji)\b.*|^(smiling|grinning) ", "", name).strip() for name in names]
    return ", ".join(f"a {name}" for name in dict.fromkeys(shown) if name) or pictures


def _notes(text: str, language: str) -> list[str]:
    letters = any(char.isalpha() for char in text)
    notes = [] if letters or not text else ["emoji_only"]
    spoken = detect(text)
    notes += ["right_to_left"] if spoken in all_languages().right_to_left else []
    notes += ["language_unwritten"] if language not in tongues() else []
    notes += ["orders_ignored"] if any(re.search(one.orders, text, re.IGNORECASE) for one in tongues().values()) else []
    strong = [code for code, score in votes(text).items() if score >= 5]
    return notes + (["languages_mixed"] if len(strong) > 2 and len(text.split()) < 80 else [])
