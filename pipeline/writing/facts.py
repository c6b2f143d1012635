"""What the prompt gives the tale."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline.words.prompt import Before, Prompt
from pipeline.words.story import Facts, Person
from pipeline.writing.seeds import choice
from pipeline.writing.starters import contracted
from pipeline.writing.tongue import Helper, Tongue, words_in, words_of

LOOKED_AT_CHARS = 900
MOST_THINGS, MOST_PEOPLE, MOST_WISH_WORDS, MOST_PHRASE_WORDS = 3, 11, 7, 4
HEAD_LAST = frozenset({"en", "de"})
NAME = r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ'’-]+"
NAMES = rf"{NAME}(?: {NAME})?"


@dataclass(frozen=True)
class Given:
    """Facts, and how two of them are put into words."""

    facts: Facts
    role: str = ""
    """What the hero is, with its article: `a lighthouse keeper`; empty where the prompt does not say."""
    helper_as_met: str = ""
    """`an old owl`; empty for a named person."""


def facts_of(text: str, prompt: Prompt, tongue: Tongue) -> Given:
    """Hero, helper, place, wish, things and people: read by code, what lacks is invented by the seed."""
    seen = text[:LOOKED_AT_CHARS]
    names = _names(seen, tongue)
    role = _role(seen, names, tongue)
    gender = gender_of(role, tongue) or _told_gender(seen, tongue.pronouns)
    hero = Person(names[0], "hero", gender) if names else _invented(gender, prompt, tongue)
    hero = replace(hero, kind=kind_of(role, tongue))
    people = tuple(Person(one) for one in names[1 : MOST_PEOPLE + 1])
    place = _place(seen, tongue)
    found = _things(seen, tongue)
    called = " ".join(one for one in found if any(_stands_beside(name, one, seen) for name in names))
    things = tuple(one for one in found if _is_new(one, f"{role} {place} {called}"))
    helper, as_met = _helper(seen, people, things, prompt, tongue)
    things = tuple(one for one in things if one != as_met)[:MOST_THINGS]
    others = tuple(one for one in people if one.name != helper.name)
    facts = Facts(hero, helper, place, _wish(seen, tongue), things, others)
    return Given(_carried(facts, prompt.before), role, as_met) if prompt.before else Given(facts, role, as_met)


def _carried(facts: Facts, before: Before) -> Facts:
    """The same hero, helper and world as in the tale before."""
    old = before.facts
    hero = replace(facts.hero, name=old.get("hero") or facts.hero.name)
    helper = Person(old["helper"], "helper") if old.get("helper") else facts.helper
    place, wish = facts.place or old.get("place", ""), facts.wish or old.get("wish", "")
    return replace(facts, hero=hero, helper=helper, place=place, wish=wish)


def definite(phrase: str, tongue: Tongue) -> str:
    """`a silver rope` as `the silver rope`."""
    article, _, rest = phrase.partition(" ")
    if not rest or article.lower() not in tongue.definite:
        return phrase
    return contracted(f"{tongue.definite[article.lower()]} {rest}", tongue)


def gender_of(text: str, tongue: Tongue) -> str:
    """`f`, `m`, or empty where nothing or both are said."""
    return _told_gender(text, tongue.genders)


def kind_of(phrase: str, tongue: Tongue) -> str:
    """`old_woman`, `child`, `animal`... by the words of a phrase."""
    found = set(words_in(phrase))
    return next((kind for kind, listed in tongue.kinds.items() if found & words_of(listed)), "")


def _told_gender(text: str, words: dict[str, str]) -> str:
    found = set(words_in(text))
    told = [gender for gender, listed in sorted(words.items()) if found & words_of(listed)]
    return told[0] if len(told) == 1 else ""


def _names(text: str, tongue: Tongue) -> list[str]:
    known = words_of(tongue.stopwords) | words_of(tongue.stops) | words_of(tongue.all_articles)
    found = [match[1] for match in re.finditer(rf"\b(?:{tongue.named}) ({NAMES})", text)]
    found += _leading_name(text, tongue)
    if tongue.language != "de":  # where every noun has a capital, only `called` and the first word tell a name
        found += re.findall(rf"(?<![.!?…] )(?<!^)(?<![\"“«])\b({NAMES})", text)
    told = dict.fromkeys(name for name in found if name.split()[0].lower() not in known)
    return [name for name in told if not any(name != other and name in other.split() for other in told)]


def _leading_name(text: str, tongue: Tongue) -> list[str]:
    """`Mira the baker`, `Mira, ...`, `Otto and Lin`, `Lucía busca`: a first word that is a name."""
    both = re.match(rf"{NAME} {NAME}\b", text)
    if both and both[0].split()[0].lower() not in words_of(tongue.stopwords) | words_of(tongue.all_articles):
        return [both[0]]
    first = re.match(rf"({NAME})(,| and| e| y| et| und| [a-zà-ÿ]+)", text)
    if not first or first[1].lower() in words_of(tongue.stopwords):
        return []
    after = first[2].strip()
    told = after == "," or tongue.is_stop(after) or after in tongue.wishes
    return [first[1]] if told and not tongue.is_stop(first[1]) else []


def _role(text: str, names: list[str], tongue: Tongue) -> str:
    """The phrase beside the hero's name, or the one the prompt begins with."""
    articles = "|".join(sorted(words_of(tongue.articles), key=len, reverse=True))
    if names:
        beside = re.search(rf"{re.escape(names[0])},? ((?:{articles}) .*)", text, re.IGNORECASE)
        called = rf"(?:{tongue.named}) {re.escape(names[0])}"
        before = re.search(rf"\b((?:{articles}) [^,.]*?),? {called}", text, re.IGNORECASE)
        stretch = before[1] if before else beside[1] if beside else ""
        return _phrase(stretch, tongue)
    if re.match(rf"(?:{articles}) ", text, re.IGNORECASE):
        phrase = _phrase(text, tongue)
        return "" if _head(phrase, tongue) in words_of(tongue.place_nouns) else phrase
    living = _phrase(text, tongue) if tongue.is_stop(text.partition(" ")[0]) else ""
    return living if kind_of(living, tongue) else ""


def _head(phrase: str, tongue: Tongue) -> str:
    """The noun itself: last where the language puts it last."""
    words = words_in(phrase)
    return "" if len(words) < 2 else words[-1] if tongue.language in HEAD_LAST else words[1]


def _phrase(text: str, tongue: Tongue) -> str:
    """The noun phrase a text begins with, article first; empty where there is none."""
    words = text.split()
    kept: list[str] = []
    for at, word in enumerate(words[: MOST_PHRASE_WORDS + 1]):
        bare = word.strip(",.;:!?\"'“”«»()").lower()
        if at > 0 and (tongue.is_stop(bare) or bare in tongue.wishes or _is_told(bare, at, tongue)):
            break
        kept.append(bare if at == 0 or word[:1].islower() else word.strip(',.;:!?"“”«»()'))
        if at > 0 and word[-1] in ",.;:!?":
            break
    while len(kept) > 1 and kept[-1].lower() in words_of(tongue.dangling):
        kept.pop()
    return " ".join(kept[: MOST_PHRASE_WORDS + 1]) if len(kept) > 1 else ""


def _is_told(word: str, at: int, tongue: Tongue) -> bool:
    """Whether an English word after the noun looks like a verb: `befriends`, `painted`."""
    if tongue.language != "en" or at < 2:
        return False
    return (word.endswith("s") and not word.endswith(("ss", "us"))) or word.endswith(("ed", "'s", "ing"))


def _stands_beside(name: str, phrase: str, text: str) -> bool:
    """Whether the phrase only says who somebody is: `Mira the baker`."""
    return re.search(rf"{re.escape(name)},? {re.escape(phrase)}\b", text, re.IGNORECASE) is not None


def _is_new(thing: str, told: str) -> bool:
    words = words_in(thing)
    return bool(words) and words[-1] not in words_in(told)


def _place(text: str, tongue: Tongue) -> str:
    """`on the moon`: the first preposition of place before a noun of place."""
    nouns = words_of(tongue.place_nouns)
    words = [word.strip(',.;:!?"“”«»()') for word in text.split()]
    for at, word in enumerate(words):
        if word.lower() not in words_of(tongue.place_words):
            continue
        for end in range(at + 1, min(at + 5, len(words))):
            if words[end].lower() in nouns:
                return " ".join([word.lower(), *words[at + 1 : end + 1]])
    return ""


def _things(text: str, tongue: Tongue) -> list[str]:
    """Noun phrases with their articles, the indefinite ones first: those are new to the listener."""
    known = sorted(set(tongue.definite.values()) - words_of(tongue.articles))
    new = _phrases_after(words_of(tongue.articles), text, tongue)
    old = _phrases_after(frozenset(known), text, tongue)
    grown = [
        f"{article} {phrase.partition(' ')[2]}"
        for joined, article in tongue.joined.items()
        for phrase in _phrases_after(frozenset({joined}), text, tongue)
    ]
    elided = [f"{match[1].lower()}{match[2]}" for match in re.finditer(r"\b([Ll]['’])([a-zà-ÿ]+)", text)]
    return list(dict.fromkeys([*new, *old, *grown, *elided]))


def _phrases_after(articles: frozenset[str], text: str, tongue: Tongue) -> list[str]:
    options = "|".join(sorted(map(re.escape, articles), key=len, reverse=True))
    if not options or (tongue.language == "de" and not articles <= words_of(tongue.articles)):
        return []
    starts = [match.start() for match in re.finditer(rf"\b(?:{options}) (?=[a-zà-ÿA-ZÀ-Þ])", text, re.IGNORECASE)]
    phrases = [_phrase(text[at:], tongue) for at in starts]
    preposition = re.compile(r"a \w+[aei]r\b" if "a" in articles and "o" in articles else r"(?!)")  # pt: `a plantar`
    return [one for one in phrases if one and not preposition.match(one)]


def _wish(text: str, tongue: Tongue) -> str:
    """An infinitive and what follows it: `find her mother`; empty where the prompt names none."""
    led = re.search(rf"\b{tongue.wish_lead} ([^,.;:!?]+)", text, re.IGNORECASE)
    if led:
        return _infinitive(led[1], tongue)
    verbs = "|".join(sorted(tongue.wishes, key=len, reverse=True))
    told = re.search(rf"\b({verbs}) ([^,.;:!?]+)", text, re.IGNORECASE)
    if not told:
        return ""
    return _wish_phrase(tongue.wishes[told[1].lower()], told[2], tongue)


def _infinitive(phrase: str, tongue: Tongue) -> str:
    """A wished deed as it stands; a wished thing as having it."""
    cut = _cut(phrase, tongue)
    words = cut.split()
    if words and words[0].lower() in words_of(tongue.articles):
        return _wish_phrase(tongue.have, cut, tongue)
    verb = (words[-1:] if tongue.language == "de" else words[:1]) or [""]
    return cut if re.search(tongue.infinitive, verb[0], re.IGNORECASE) else ""


def _wish_phrase(infinitive: str, rest: str, tongue: Tongue) -> str:
    return _cut(f"{rest} {infinitive}" if tongue.language == "de" else f"{infinitive} {rest}", tongue)


def _cut(phrase: str, tongue: Tongue) -> str:
    words = re.split(r" (?:and|und|et|e|y|but|mas|pero|mais|aber|ma|before|because) ", phrase)[0].split()
    if len(words) > MOST_WISH_WORDS and tongue.language == "de":
        return ""
    words = words[:MOST_WISH_WORDS]
    open_ended = words_of(tongue.dangling) | words_of(tongue.place_words)
    while words and words[-1].lower() in open_ended:
        words.pop()
    return " ".join(words)


def _helper(
    text: str, people: tuple[Person, ...], things: tuple[str, ...], prompt: Prompt, tongue: Tongue
) -> tuple[Person, str]:
    """Another named person, else whom the prompt brings together with the hero, else somebody met by chance."""
    if people:
        return replace(people[0], role="helper"), ""
    for thing in things:
        brought = re.search(rf"\b(?:{tongue.company.verbs}) {re.escape(thing)}", text, re.IGNORECASE)
        if brought or kind_of(thing, tongue):
            return Person(definite(thing, tongue), "helper", gender_of(thing, tongue), kind_of(thing, tongue)), thing
    chosen = choice(tongue.helpers, prompt.seed, "helper")
    return met(chosen, tongue), chosen.text


def met(helper: Helper, tongue: Tongue) -> Person:
    """A helper of the table as a person of the tale."""
    return Person(helper.met or definite(helper.text, tongue), "helper", helper.gender, helper.kind)


def _invented(gender: str, prompt: Prompt, tongue: Tongue) -> Person:
    """A hero the server has not met lately, of the role's gender where it has one."""
    told = [(name, marked) for name, _, marked in (one.partition(":") for one in tongue.names)]
    fit = [(name, marked) for name, marked in told if not gender or marked in {"", gender}]
    fresh = [one for one in fit if one[0] not in prompt.lately.heroes]
    name, marked = choice(fresh or fit, prompt.seed, "name")
    return Person(name, "hero", gender or marked)
