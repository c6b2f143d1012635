"""What the model sees of the tale."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.roles import Turn
from pipeline.words.prompt import Before
from pipeline.words.story import Plan
from pipeline.writing.tongue import Tongue

MOST_TOLD_CHARS, KEPT_TOLD_CHARS = 3_000, 1_200
"""About 1,000 tokens; once more is told, only the last scenes are kept and the rest is summed up."""
OPENING_PROMPT_WORDS, WHOLE_PROMPT_WORDS, MOST_PROMPT_WORDS = 30, 40, 160
SUMMARY_CHARS = 400


def turn_of(plan: Plan, before: Before | None, tongue: Tongue, scenes: Sequence[str], lead: str) -> Turn:
    """The context for the sentence begun by `lead`, after the scenes told so far (the last may be unfinished)."""
    start = _window(scenes)
    told = "\n\n".join(scenes[start:])
    joined = f"{told} " if scenes and scenes[-1] else told
    opening = not any(scenes)
    user = _user(plan, before, tongue, opening, scenes[:start])
    return Turn(tongue.system, user, (joined.lstrip() + lead).rstrip())


def begun_with(turn: Turn, own: str) -> Turn:
    """The same with words of the started sentence that the model wrote already."""
    space = "" if turn.told.endswith('"') or not own else " "
    return replace(turn, told=turn.told + space + own)


def needs_reading(plan: Plan) -> bool:
    """Whether the prompt is too long to be read whole before the opening sentence."""
    return len(plan.asked.split()) > WHOLE_PROMPT_WORDS


def _user(plan: Plan, before: Before | None, tongue: Tongue, opening: bool, dropped: Sequence[str]) -> str:
    words = plan.asked.split()
    most = OPENING_PROMPT_WORDS if opening and len(words) > WHOLE_PROMPT_WORDS else MOST_PROMPT_WORDS
    prompt = " ".join(words[:most]).rstrip(" ,;:.!?")
    asked = tongue.ask.format(prompt=prompt or plan.title, mood=tongue.moods[plan.feeling.mood.emotion])
    if plan.persona:
        asked += "\n" + tongue.told_by.format(persona=plan.persona)
    past = ([before.synopsis] if before else []) + ([summed_up(dropped)] if dropped else [])
    return asked + "".join("\n" + tongue.so_far.format(told=one[:SUMMARY_CHARS]) for one in past if one)


def summed_up(scenes: Sequence[str]) -> str:
    """The first sentences of scenes that are no longer seen: the very first and the latest."""
    firsts = [first_sentence(scene) for scene in scenes if scene]
    return " ".join(dict.fromkeys([*firsts[:1], *firsts[-3:]]))


def first_sentence(text: str) -> str:
    """Up to the first mark that ends one, and the quotation mark behind it."""
    ended = re.match(r"[^.!?]*[.!?]+[\"”»’]?", text)
    return ended[0] if ended else text


def _window(scenes: Sequence[str]) -> int:
    """The first scene still seen; it moves only between scenes, so that the cache holds inside one."""
    start = 0
    for end in range(1, len(scenes)):
        if sum(map(len, scenes[start:end])) <= MOST_TOLD_CHARS:
            continue
        start = end - 1
        while start > 0 and sum(map(len, scenes[start - 1 : end])) <= KEPT_TOLD_CHARS:
            start -= 1
    return start
