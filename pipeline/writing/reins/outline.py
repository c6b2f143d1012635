"""A tale's plan by its writer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.words.mood import Emotion
from pipeline.writing.reins.asking import SceneAsker, asking_in
from pipeline.writing.reins.drafts import TOGETHER, TRIES, Draft, Unsafe
from pipeline.writing.reins.guards import DraftBounds, fault_of, kept_share
from pipeline.writing.seeds import number
from pipeline.writing.tongue import count_words, words_in

LEAST_LINE_WORDS = 4
CHAPTER_WORDS = 250
"""What five lines tell; a longer tale gets five more for as much again."""


def chapters_of(words: int) -> int:
    """How many plans of five lines a tale of this length needs."""
    return max(1, round(words / CHAPTER_WORDS))


def outlined(
    asker: SceneAsker, hero: str, ending: Emotion, bounds: DraftBounds, unsafe: Unsafe, seed: int, draft: Draft
) -> list[str] | None:
    """The lines of the whole tale; None where no draft of them can be told."""
    lines: list[str] = []
    for chapter in range(chapters_of(bounds.words)):
        found = _chapter(asker, hero, ending, bounds, unsafe, number(seed, f"outline:{chapter}"), draft, lines)
        if found is None:
            return None
        lines += found
    return lines


def _chapter(
    asker: SceneAsker,
    hero: str,
    ending: Emotion,
    bounds: DraftBounds,
    unsafe: Unsafe,
    seed: int,
    draft: Draft,
    told: list[str],
) -> list[str] | None:
    for attempt in range(TRIES):
        made = draft(*asker.outline(hero, ending, told, number(seed, str(attempt)) % 2**31), TOGETHER)
        plans = [lines for lines in (_lines(text, bounds.language) for text in made) if _sound(lines, bounds, told)]
        plans.sort(key=lambda lines: -kept_share(" ".join(lines), bounds))
        for lines in plans:
            if not unsafe(" ".join(lines)):
                return lines
    return None


def _lines(text: str, language: str) -> list[str]:
    """What stands behind each label, in their order; empty where one lacks."""
    labels = asking_in(language).labels
    pattern = r"\s*".join(rf"{re.escape(label)}\s*:\s*(.+?)" for label in labels)
    match = re.search(rf"{pattern}\s*(?:\n|$)", text.strip().replace("**", ""), re.DOTALL | re.IGNORECASE)
    return [" ".join(line.split()) for line in match.groups()] if match else []


def _sound(lines: Sequence[str], bounds: DraftBounds, told: Sequence[str]) -> bool:
    """Whether each line says something, of the hero at the beginning and the end, and nothing is said twice."""
    if len(lines) != len(asking_in(bounds.language).labels) or len({*lines, *told}) < len(lines) + len(told):
        return False
    hero = {*words_in(bounds.people[0])} if bounds.people else set()
    first_and_last = {*words_in(lines[0])}, {*words_in(" ".join(lines[-2:]))}
    if hero and not all(hero & words for words in first_and_last):
        return False
    whole = " ".join(lines)
    held = DraftBounds(**{**vars(bounds), "words": count_words(whole), "told": " ".join(told)})
    return all(count_words(line) >= LEAST_LINE_WORDS for line in lines) and not fault_of(whole, held)
