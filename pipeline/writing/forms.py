"""Forms of words in one language."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from pipeline.tables import language_file, read_table
from pipeline.writing.tongue import contracted, words_of

MANY = "p"


@dataclass(frozen=True)
class Forms:
    """A file data/languages/<code>/forms.toml; every list of forms stands in the order of `classes`."""

    classes: tuple[str, ...]
    """Of gender and number: `m f n p` or `m f mp fp`."""
    together: tuple[str, str]
    """What joins several names: the comma, and the last joint."""
    forms: dict[str, tuple[str, ...]]
    """Pronouns and articles by the name under which a frame asks for them."""
    new_articles: tuple[str, ...]
    """Before somebody or something new to the listener."""
    known_articles: tuple[str, ...]
    determiners: str
    """Words a noun phrase may begin with, articles and possessives."""
    definite: str
    """Those of them that say the listener knows it."""
    unique: str
    """Words that make a thing the only one of its kind: `last`, `first`, `best`."""
    numerals: str
    """Words of number that stand before a noun of many."""
    links: str
    """Words after which a noun phrase no longer says what it is: `of`, `with`, `who`."""
    clauses: str
    """Words that begin what is said of a thing: `that`, `where`, `of`."""
    breaks: str
    """Words at which such a saying ends."""
    days: str
    """Words for the time when something happened: `the day gravity took a holiday`."""
    story_about: str
    """A pattern: what only asks for a tale, at the start of a wish."""
    for_whom: str
    """A pattern: what only says for whom it is, at the start of a wish: `for Lucy, age 4:`."""
    relatives: str
    """Words that lead from somebody to what they do: `who`, `that`, `is`."""
    whose: str
    """Words that lead from somebody to what is theirs: what follows is no deed of the hero."""
    places: str
    """Prepositions of place."""
    receivers: str
    """What stands before whoever gets or shares something: `to`, `for`, `with`."""
    beside: str
    """What stands before whoever does it together with the hero: `with`."""
    nobodies: str
    """Words for whoever it was: `someone`, `who`; they are no hero."""
    no_matter: str
    """Nouns that no tale is about: `story`, `friends`."""
    whenever: str
    """What makes a time no more than when it happens: `every`, `all`, `yesterday`."""
    joined_articles: str
    """Articles that run together with what stands before them: `do pela`."""
    theirs: str
    """Possessives that follow whose it is: `his`, where the tale's hero may be she."""
    superlatives: str
    """A pattern of adjectives that make a thing the only one: `grumpiest`."""
    negations: str
    """Words that say that something is not done."""
    spelled: tuple[tuple[str, str], ...]
    """How hasty spellings are put right before a wish is read: `doesnt`."""
    mourned: tuple[tuple[str, str], ...]
    """How a death that is said softly is read: `I lost my grandma` is no search."""
    titles: str
    """What stands before a name and belongs to it: `mrs`."""
    of: str
    """What makes one noun say more of another: the clock *of* the tower."""
    led_by: str
    """The same, and what else stands between a word of place and its noun: next *to*, inside *of*."""
    no_noun: str
    """A pattern of words that are no noun: `slowly`."""
    adjectives: str
    """A pattern of adjectives that stand behind their noun."""
    states: str
    """What stands before what somebody is like: `is`, `feels`."""
    head_last: bool
    """Whether the noun stands behind its adjectives."""
    feminine: str
    """A pattern on nouns of unknown gender; nothing matches where the language has no such thing."""
    named: str
    """How somebody new is introduced: `{who} named {name}`."""
    aside: str
    """The other way round: `{name}, {who},`."""
    speaker: str
    """Words for whoever wishes: they are no hero."""
    mine: str
    """Possessives of whoever wishes."""
    two: str
    """Words for two of a kind."""
    gendered: bool
    """Whether an article tells whether somebody is he or she."""
    relations: dict[str, str] = field(default_factory=dict)
    """What `my ...` is to a stranger: `son` is `a boy`."""
    nobody: dict[str, str] = field(default_factory=dict)
    """What a hero is of whom nothing is said, by class."""
    mine_told: dict[str, str] = field(default_factory=dict)
    """What words of whoever wishes are in a tale whose hero they are: `my` is `{his}`."""
    speaker_object: str = ""
    """Words for whoever wishes to whom something is done: `me`."""
    speaker_told: str = ""
    """What these are in a tale of others: `somebody`."""
    told_as: str = "(?!)"
    """A pattern: how it should be told, where a wish closes with that: `make it funny`."""
    titles_known: bool = False
    """Whether a title with a name takes the article: `a vovó Lurdes`."""
    large_nouns: bool = False
    """Whether every noun is written with a capital, and compounds as one word."""
    singular: str = ""
    """A pattern of what is wrong of several heroes; for who writes frames."""

    def class_of(self, gender: str, *, many: bool) -> str:
        """Return the class of somebody or something; where the language does not have its gender, the first one."""
        if many:
            return MANY if MANY in self.classes else (gender if gender in {"m", "f"} else "m") + MANY
        return gender if gender in self.classes else self.classes[0]

    def form(self, name: str, class_: str) -> str:
        """Return a pronoun of that class."""
        return self.forms[name][self.classes.index(class_)]

    def agreed(self, options: list[str], class_: str, *, number: bool) -> str:
        """Return one of the written forms: by number, by two genders, or by all classes."""
        if number or (len(options) == 2 and "f" not in class_ and "m" not in class_):
            return options[MANY in class_]
        if len(options) == 2:
            return options["f" in class_]
        return options[min(self.classes.index(class_), len(options) - 1)]


@dataclass(frozen=True)
class Body:
    """What a hero of some sort has and does: a table of data/languages/<code>/bodies.toml."""

    hand: str
    the_hand: str
    walked: str
    ran: str
    smiled: str
    trembled: str
    sat: str
    home: tuple[str, ...]
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


BODY_SLOTS = frozenset({"hand", "the_hand", "walked", "ran", "smiled", "trembled", "sat", "home"})
"""What frames may ask of a body."""


@cache
def forms_of(language: str) -> Forms:
    """Return the table of one language."""
    return read_table(language_file(language, "forms"), Forms)


@cache
def bodies_of(language: str) -> dict[str, Body]:
    """Return all bodies that a language knows, the most particular first."""
    return read_table(language_file(language, "bodies"), dict[str, Body])


def body_of(language: str, words: frozenset[str], kind: str) -> Body:
    """Return the body whose words or kind fit."""
    bodies = bodies_of(language)
    by_word = (body for body in bodies.values() if words & set(body.words))
    by_kind = (body for body in bodies.values() if kind in body.kinds)
    return next(by_word, None) or next(by_kind, None) or bodies["person"]


def joined(names: tuple[str, ...], forms: Forms) -> str:
    """Return `Ana, Ben and Cleo`."""
    comma, last = forms.together
    return comma.join(names[:-1]) + last + names[-1] if len(names) > 1 else "".join(names)


def polished(text: str, language: str) -> str:
    """Return a text with contractions and elisions, and without doubled commas and spaces."""
    text = contracted(text, language)
    text = re.sub(r",\s*([.,;:!?])", r"\1", re.sub(r"\s+([.,;:!?])", r"\1", text))
    return re.sub(r"[ \t]+", " ", text).strip()


def is_determiner(word: str, forms: Forms) -> bool:
    """Whether a noun phrase may begin with it."""
    return word.lower() in words_of(forms.determiners)
