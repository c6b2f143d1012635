"""Finds whom of the world a wish means."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.words.prompt import APART, Before, Prompt
from pipeline.words.story import Plan
from pipeline.words.world import Known, KnownKind
from pipeline.writing.deeds import verb_of
from pipeline.writing.forms import Forms, forms_of, is_determiner
from pipeline.writing.lexicon import head_words, lexicon_of
from pipeline.writing.readings import WishReading
from pipeline.writing.seeds import number
from pipeline.writing.tongue import words_in, words_of


def named_in(text: str, known: Sequence[Known], language: str) -> tuple[Known, ...]:
    """Return the people whom a wish names, or calls `the fox` where a fox is known; the first word first."""
    words, forms = _words(text), forms_of(language)
    found = {place: one for one in reversed(known) if (place := _place(one, words, forms, language)) is not None}
    return tuple(found[place] for place in sorted(found))


def going_on_from(
    prompt: Prompt, text: str, reading: WishReading, named: Sequence[Known], language: str
) -> tuple[Before | None, tuple[Known, ...], WishReading]:
    """Return the tale that this one goes on from, who of the world comes, and the wish as it is read knowing them.

    It goes on from a tale that was chosen, or from what the world knows of its people.
    """
    if prompt.before:
        return prompt.before, tuple(named), reading
    hero = _hero_of(text, reading, named, language)
    guest = _met_again(prompt, [one for one in named if one is hero or not _is_hero(one, reading)], hero, reading)
    if hero is None:
        return (_only_met(guest) if guest else None), ((guest,) if guest else ()), reading
    reading = _read_again(reading, hero, language)
    before = _before_of_world(hero, guest, _is_silent(reading), language, prompt.seed)
    return before, (hero, *((guest,) if guest else ())), reading


def _read_again(reading: WishReading, hero: Known, language: str) -> WishReading:
    """Return the wish with the hero it has: whom it took for the hero is the other one, and `again` is no deed."""
    mine = {_folded(hero.name), _folded(reading.hero), ""}
    known = _head(hero.said_in(language).who, language)
    if _folded(reading.who) not in mine and _head(reading.who, language) != known and not reading.hero:
        reading = replace(reading, other=reading.other or reading.who, who="", how="")
    alone = len(_words(reading.deed)) == 1 and not verb_of(reading.deed, language)
    return replace(reading, deed="") if alone else reading


def told_again(again: Sequence[Known], planned: Plan) -> tuple[Known, ...]:
    """Return those of them who are in the tale: a frame may have had no room for a guest."""
    facts, text = planned.facts, " ".join(turn for beat in planned.beats for turn in beat.turns)
    there = {facts.hero.name, *(one.name for one in facts.people)}
    return tuple(one for one in again if one.name in there or one.name in text)


def _hero_of(text: str, reading: WishReading, named: Sequence[Known], language: str) -> Known | None:
    """Return the known hero of a wish; None where it has another hero, or says that this one is somebody else."""
    hero, wished = _folded(reading.hero), _words(text)
    # A reader adds what a name may be, `a girl`: only what the wish itself says tells two of one name apart.
    who = _folded(reading.who) if set(_words(reading.who)) <= set(wished) else ""
    for one in named:
        said, name = one.said_in(language), _folded(one.name)
        if hero == name and _agree(who, said.who, one.figure, language):
            return one
        if not hero and (who == name or (who and _head(who, language) == _head(said.who, language) != "")):
            return one
        begins = one.name in text and wished[: len(_words(one.name))] == _words(one.name)
        if begins and (not hero or not set(_words(hero)) & set(_words(one.name))) and not who.startswith(name):
            return one  # a name that no reader knows; here it is known
    return None


def _is_hero(one: Known, reading: WishReading) -> bool:
    """Whether the wish's hero, or one of its heroes, has this name."""
    return _folded(one.name) in _words(reading.hero) or _folded(one.name) == _folded(reading.hero)


def _met_again(prompt: Prompt, named: Sequence[Known], hero: Known | None, reading: WishReading) -> Known | None:
    """Return who else of the world comes: somebody whom the wish names, one whom the hero met, or one by chance."""
    people = [one for one in prompt.known if one.kind is KnownKind.PERSON]
    others = [one for one in named if one is not hero]
    friends = [one for name in (hero.met if hero else ()) for one in people if one.name == name]
    chance = [one for one in people if one.id == prompt.meets and one is not hero and not _is_hero(one, reading)]
    found = [one for one in (*others, *friends, *chance) if one.name[:1].isupper()]
    return found[0] if found else None


def _before_of_world(hero: Known, guest: Known | None, silent: bool, language: str, seed: int) -> Before:
    """Return what the next tale must know of a hero, as if it went on from their last one.

    Only what they lived through: another's bonds and threads are nothing they could know.
    """
    said = hero.said_in(language)
    # Every tale that began where the last one ended would be one habit too many.
    # And one that does not name the hero may speak of somebody else, whose `she` would be taken for theirs.
    opens = (silent or number(seed, "thread") % 2 == 0) and hero.name in said.closing
    facts = {
        "hero": hero.name, "who": said.who, "gender": hero.gender, "figure": hero.figure, "seed": hero.seed,
        "frame": hero.frame, "place": said.place if silent else "", "thing": said.thing,
        "closing": said.closing if opens else "",
        "met": APART.join((guest.name, guest.gender, guest.figure)) if guest else "",
    }  # fmt: skip
    return Before(hero.name, {key: value for key, value in facts.items() if value}, said.sentence, {})


def _only_met(guest: Known) -> Before:
    return Before("", {"met": APART.join((guest.name, guest.gender, guest.figure))}, "", {})


def _is_silent(reading: WishReading) -> bool:
    """Whether a wish names somebody and says nothing of what is to happen."""
    return not (reading.deed or reading.thing or reading.other or reading.state)


def _folded(text: str) -> str:
    """Return words as they are compared: without accents and capitals."""
    apart = unicodedata.normalize("NFKD", text.casefold().strip())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _words(text: str) -> list[str]:
    return [part for word in words_in(text) for part in _folded(word).replace("’", "'").split("'")]


def _place(one: Known, words: Sequence[str], forms: Forms, language: str) -> int | None:
    """Return where a wish speaks of somebody; None where it does not."""
    if one.kind is not KnownKind.PERSON:
        return None
    name = _words(one.name)
    for at in range(len(words) - len(name) + 1):
        if name and words[at : at + len(name)] == name:
            return at
    what = _head(one.said_in(language).who, language)
    definite = {_folded(word) for word in words_of(forms.definite)}
    return next((at for at in range(1, len(words)) if what and words[at] == what and words[at - 1] in definite), None)


def _agree(who: str, known: str, figure: str, language: str) -> bool:
    """Whether two sayings may be of one: two heroes of one name are told apart by what they are."""
    if not who:
        return True
    if known:
        return _head(who, language) == _head(_folded(known), language)
    noun = lexicon_of(language).find(who)
    return not (noun and figure) or noun.kind == figure


def _head(who: str, language: str) -> str:
    """Return the word that says what somebody is: the fox of `a small red fox with one ear`."""
    forms = forms_of(language)
    noun = lexicon_of(language).find(who) if who else None
    words = [_folded(word) for word in _bare(who, forms)]
    named = {_folded(name) for name in noun.names} if noun else set()
    return next((word for word in words if word in named), words[-1] if words else "")


def _bare(who: str, forms: Forms) -> Iterator[str]:
    return (word for word in head_words(who, forms) if not is_determiner(word, forms))
