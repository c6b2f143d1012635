"""Chooses what goes with a wish."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterator, Sequence

from bot.gate.word_filter import hold_to_words
from bot.library.library import Library
from bot.library.records import ServerSettings
from bot.library.rows import folded
from bot.library.worlds import Entry, WorldOf, world_in
from pipeline.errors import Refused
from pipeline.words.prompt import Rating
from pipeline.words.world import MOST_ROWS, Known, KnownKind, Meets

CHANCE = {Meets.NEVER: 0.0, Meets.SOMETIMES: 0.25, Meets.OFTEN: 0.75}
"""How often somebody comes by whom the wish does not name."""
_MOST_NAMED, _LIKELY = 6, 20
_LEAST_LETTERS = 3  # of a word that says what somebody is


async def entries_for(
    library: Library, rules: ServerSettings, where: tuple[str, str, str], seen: Collection[str], *, only_me: bool
) -> list[Entry]:
    """Return all that a tale asked by (server, channel, member) may know: never what others could not see there.

    A member's own world is theirs alone, so it is told of only where nobody else hears.
    """
    server, channel, member = where
    entries: list[Entry] = []
    if only_me or not server:
        entries = await library.worlds.entries(WorldOf(member=member))
    if server and rules.remembers:
        world = WorldOf(server, world_in(channel, rules))
        entries = [*entries, *await library.worlds.entries(world, {*seen, channel})]
    return entries


def picked(entries: Sequence[Entry], text: str, channel: str, meets: Meets, seed: int) -> tuple[tuple[Known, ...], str]:
    """Return at most MOST_ROWS traces that the wish may mean, and the id of one who may come by; "" for nobody.

    Of a wish that was spoken nothing is known yet: the people told of most lately go with it.
    """
    people = [one for one in entries if one.trace.kind is KnownKind.PERSON]
    words = frozenset(re.findall(r"[^\W\d_]+", folded(text)))
    named = [one for one in people if _speaks_of(words, one.trace)][:_MOST_NAMED] if text else people[:_MOST_NAMED]
    friends = {name for one in named for name in one.trace.met}
    rows = [one.trace for one in named]
    rows += [one.trace for one in people if one.trace.name in friends and one not in named]
    rows = rows[: MOST_ROWS - 1]
    if (named and text) or not (chance := [*_who_may_come(people, channel)][:_LIKELY]):
        return tuple(rows), ""
    dice = random.Random(f"{seed}:meets")
    if dice.random() >= CHANCE[meets]:
        return tuple(rows), ""
    comes = dice.choices(chance, [len(one.tales) or 1 for one in chance])[0].trace
    return (*(one for one in rows if one.id != comes.id), comes), comes.id


def is_fit(one: Known, rules: ServerSettings, rating: Rating) -> bool:
    """Whether a row may be told at this rating: a world may have grown where more was allowed."""
    said = (text for wording in one.wordings.values() for text in vars(wording).values())
    try:
        hold_to_words("\n".join((one.name, *said)), rules, rating)
    except Refused:
        return False
    return True


def _who_may_come(people: Sequence[Entry], channel: str) -> Iterator[Entry]:
    """Give those with a name of their own, of this very channel: nobody comes from a room that others cannot see."""
    for one in people:
        if one.trace.name[:1].isupper() and one.channels & {"", channel}:
            yield one


def _speaks_of(words: frozenset[str], one: Known) -> bool:
    """Whether a wish has somebody's name, or a word of what they are; the plan looks closer."""
    name = re.findall(r"[^\W\d_]+", folded(one.name))
    what = {word for said in one.wordings.values() for word in re.findall(r"[^\W\d_]+", folded(said.who))}
    return (bool(name) and words.issuperset(name)) or any(
        len(word) >= _LEAST_LETTERS and word in words for word in what
    )
