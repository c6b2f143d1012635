"""What a tale leaves for the next one."""

from __future__ import annotations

from dataclasses import replace

from pipeline.words.prompt import APART, Before
from pipeline.writing.fill import BLANK
from pipeline.writing.forms import forms_of, is_determiner
from pipeline.writing.joints import joints_of
from pipeline.writing.lexicon import Being
from pipeline.writing.readings import WishReading
from pipeline.writing.seeds import choice
from pipeline.writing.told_lines import plain_text, sentences_of
from pipeline.writing.tongue import count_words

MOST_CLOSING_WORDS = 32
"""Of the last picture, so that it can be told again as a beginning."""


def closing_of(turn: str) -> str:
    """The last picture of a frame, or as much of its end as can be told again; empty where somebody speaks in it."""
    held = ""
    for sentence in reversed([one for one in sentences_of(turn) if one]):
        if BLANK in sentence or "“" in sentence or count_words(f"{sentence} {held}") > MOST_CLOSING_WORDS:
            break
        held = f"{sentence} {held}".strip()
    return plain_text(held)


def onward(reading: WishReading, before: Before, language: str) -> WishReading:
    """The wish with the hero of the last tale, and with its thing and place where it names neither these nor a deed."""
    facts = before.facts
    hero, who = facts.get("hero", ""), facts.get("who", "")
    if is_determiner(hero.partition(" ")[0], forms_of(language)):
        hero, who = "", hero  # `the fox` has no other name
    same = {"gender": facts.get("gender", ""), "figure": facts.get("figure", "")}
    reading = replace(reading, hero=hero, who=who, **same) if hero or who else reading
    silent = not (reading.deed or reading.thing or reading.other or reading.state)
    reading = replace(reading, thing=facts.get("thing", "")) if silent else reading
    return reading if reading.place else replace(reading, place=facts.get("place", ""))


def recalled(before: Before, language: str, seed: int) -> str:
    """How the sequel begins: where the last tale stood, and that it went on; empty where nothing is known of that."""
    closing = before.facts.get("closing", "")
    joints = joints_of(language)
    if not closing:
        return ""
    line = choice(joints.onward, seed, "onward").replace("{closing}", closing)
    return f"{line} {choice(joints.bridges, seed, 'bridge')}"


def guest_of(before: Before, language: str) -> Being | None:
    """Somebody of the last tale, who comes again."""
    name, _, rest = before.facts.get("met", "").partition(APART)
    gender, _, kind = rest.partition(APART)
    class_ = forms_of(language).class_of(gender or "m", many=False)
    return Being(name, name, name, class_, kind or "person") if name else None
