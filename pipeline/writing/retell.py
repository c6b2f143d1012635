"""A source's facts, retold."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.sources.facts import numbers_in, weights_of
from pipeline.tables import FALLBACK, by_language
from pipeline.words.source import Fact, SourceKind, StorySource, TellerManner
from pipeline.writing.language import detect
from pipeline.writing.seeds import number
from pipeline.writing.tongue import count_words, tongues, words_in, words_of
from pipeline.writing.verbatim import SCENE_WORDS

_JOINT_WORDS = 5
"""Roughly what each further scene is joined with."""
_FOCUS = 2.0
"""Weight of a word that the asker typed beside the source."""
_MOST_QUOTED = 3
_LIGHT = (TellerManner.FRIEND, TellerManner.FAIRY_TALE)
"""Manners in which grave news are not told, where there are others."""
_INNER_MARKS = str.maketrans({"“": "‘", "”": "’", "„": "‚", '"': "’", "«": "‹", "»": "›"})


@dataclass(frozen=True)
class Surrounding:
    """Sentences that stand around the facts in one manner."""

    titled: tuple[str, ...]
    untitled: tuple[str, ...]
    between: tuple[str, ...]
    closing: tuple[str, ...]


@dataclass(frozen=True)
class Connecting:
    """The file data/languages/<code>/retelling.toml."""

    first_person: str
    grave: str
    """Words of death and violence: what is said with them is told soberly."""
    says: tuple[str, ...]
    """How words in the first person are quoted: they are their writer's, not the narrator's."""
    news: str
    light: dict[str, str]
    seen: str
    both: str
    colours: dict[str, str]
    happenings: dict[str, tuple[str, ...]]
    around: dict[TellerManner, Surrounding]


@dataclass(frozen=True)
class RetoldSource:
    """What is told of a source, in words."""

    text: str
    """Scenes parted by blank lines."""
    title: str
    language: str
    manner: TellerManner


def retelling_of(source: StorySource, words: int, seed: int, language: str = "", focus: str = "") -> RetoldSource:
    """Facts as they stand, in their order, as many as the length takes; only the sentences around them are ours.

    Orders to a model among them are left out. Where death or violence is told, the manner is sober, whatever was asked.
    """
    spoken = language or detect(" ".join(fact.text for fact in source.facts) or source.text)
    tables = connecting()
    code = spoken if spoken in tables else FALLBACK
    table, chance = tables[code], random.Random(number(seed, "retell"))
    news = source.kind is SourceKind.FEED
    facts, title = _tellable(source), source.title or (table.news if news else "")

    def around(manner: TellerManner) -> tuple[str, str]:
        ways, chance = table.around[manner], random.Random(number(seed, "around"))
        first = chance.choice(ways.titled if title and not news else ways.untitled)
        titles = {"title": title.rstrip("."), "origin": source.origin}
        return _filled(first, titles), _filled(chance.choice(ways.closing), titles)

    room = words - count_words(" ".join(around(source.manner)))
    most = round(room * SCENE_WORDS / (SCENE_WORDS + _JOINT_WORDS))
    kept = _first(facts, most) if news else _within(facts, most, focus)
    manner = TellerManner.SOBER if is_grave(" ".join(fact.text for fact in kept)) else source.manner
    scenes, first, last = _scenes(kept, source, table, chance), *around(manner)
    joints = chance.sample(table.around[manner].between, len(table.around[manner].between))
    joined = [f"{joints[at % len(joints)]} {scene}" if at else scene for at, scene in enumerate(scenes)]
    return RetoldSource("\n\n".join([first, *joined, last]), title or _short(kept) or source.origin, spoken, manner)


def is_grave(text: str) -> bool:
    """Whether it speaks of death or violence, in any language that is known here."""
    return bool(set(words_in(text)) & _grave())


@cache
def connecting() -> dict[str, Connecting]:
    """All languages that sources are retold in."""
    return by_language("retelling", Connecting)


def _tellable(source: StorySource) -> list[Fact]:
    """Facts without orders to a model; those with a number must show one that the source has."""
    orders = [re.compile(one.orders, re.IGNORECASE) for one in tongues().values()]
    known = set(source.numbers)
    facts = [one for one in source.facts if not any(order.search(one.text) for order in orders)]
    facts = [one for one in facts if known.issuperset(numbers_in(one.text))]
    if source.kind is not SourceKind.FEED or source.manner not in _LIGHT:
        return facts
    grave = {fact.part for fact in facts if is_grave(fact.text)}
    return [fact for fact in facts if fact.part not in grave] or facts


def _within(facts: Sequence[Fact], words: int, focus: str) -> list[Fact]:
    """As many as the length takes, those first that say most, or most of what was asked for."""
    spoken = [count_words(fact.text) if fact.text else 12 for fact in facts]
    if sum(spoken) <= words:
        return list(facts)
    wanted = {word for word in words_in(focus) if len(word) > 3}
    weights = weights_of([fact.text or " ".join(fact.slots.values()) for fact in facts])
    weights = [
        weight + _FOCUS * len(wanted & set(words_in(fact.text))) for weight, fact in zip(weights, facts, strict=True)
    ]
    taken: set[int] = set()
    for at in sorted(range(len(facts)), key=lambda nth: -weights[nth] / (spoken[nth] + 8)):
        if sum(spoken[nth] for nth in taken) + spoken[at] <= words or not taken:
            taken.add(at)
    return [facts[at] for at in sorted(taken)]


def _first(facts: Sequence[Fact], words: int) -> list[Fact]:
    """News in their order as far as the length goes; no sentence of an item without its headline."""
    taken: list[Fact] = []
    told: set[int] = set()
    for fact in facts:
        headline = all(fact.part != one.part for one in facts[: facts.index(fact)])
        fits = count_words(" ".join(one.text for one in (*taken, fact))) <= words
        if (fits or not taken) and (headline or fact.part in told):
            taken.append(fact)
            told.add(fact.part)
    return taken


def _scenes(facts: Sequence[Fact], source: StorySource, table: Connecting, chance: random.Random) -> list[str]:
    """A scene for each part of the source; a long part in several, tiny ones together."""
    scenes: list[list[str]] = []
    last = -1
    for part, said in _said(facts, table, chance):
        heading = source.parts[part] if part != last and part < len(source.parts) else ""
        long = scenes and count_words(" ".join(scenes[-1])) > SCENE_WORDS
        apart = part != last and scenes and count_words(" ".join(scenes[-1])) > SCENE_WORDS // 4
        if not scenes or long or apart:
            scenes.append([])
        scenes[-1] += [f"{heading.rstrip('.:')}.", said] if heading else [said]
        last = part
    return [" ".join(scene) for scene in scenes]


def _said(facts: Sequence[Fact], table: Connecting, chance: random.Random) -> list[tuple[int, str]]:
    """(Part, sentence): happenings in the language's words, first persons as quotations."""
    found: list[tuple[int, str]] = [(0, seen)] if (seen := _seen(facts, table)) else []
    quoted: list[str] = []
    mine = words_of(table.first_person)
    for at, fact in enumerate(facts):
        if fact.happening:
            ways = table.happenings.get(fact.happening, ())
            found += [(fact.part, _filled(chance.choice(ways), fact.slots))] if ways else []
            continue
        if not mine & set(words_in(re.sub(r"[“\"„«][^”\"“»]*[”\"“»]", " ", fact.text))):
            found.append((fact.part, fact.text))
            continue
        quoted.append(fact.text.translate(_INNER_MARKS))
        after = facts[at + 1] if at + 1 < len(facts) else None
        goes_on = after is not None and after.part == fact.part and mine & set(words_in(after.text))
        if not goes_on or len(quoted) == _MOST_QUOTED:
            found.append((fact.part, _filled(chance.choice(table.says), {"text": " ".join(quoted)})))
            quoted = []
    return found


def _seen(facts: Sequence[Fact], table: Connecting) -> str:
    light = next((fact.slots["light"] for fact in facts if fact.happening == "light"), "")
    colours = [table.colours[fact.slots["colour"]] for fact in facts if fact.happening == "colour"][:2]
    if not light or not colours:
        return ""
    both = _filled(table.both, {"one": colours[0], "other": colours[-1]}) if len(colours) > 1 else colours[0]
    return _filled(table.seen, {"light": table.light[light], "colours": both})


def _filled(sentence: str, slots: dict[str, str]) -> str:
    # Not str.format: braces in a source's own words are its words.
    filled = re.sub(r"\{(\w+)\}", lambda slot: slots.get(slot[1], ""), sentence)
    return filled[:1].upper() + filled[1:]


def _short(facts: Sequence[Fact]) -> str:
    text = next((fact.text for fact in facts if fact.text), "")
    return " ".join(text.split()[:7]).rstrip(",.;:!?")


@cache
def _grave() -> frozenset[str]:
    return frozenset[str]().union(*(words_of(one.grave) for one in connecting().values()))
