"""Nouns of one language's tales."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated
from unicodedata import combining, normalize

from pydantic import Field

from pipeline.tables import language_file, read_table
from pipeline.writing.forms import MANY, Forms, forms_of
from pipeline.writing.tongue import words_of

ALIVE = frozenset({"person", "small_animal", "big_animal", "monster", "spirit", "machine"})
"""Kinds that can be the hero of a tale by themselves."""
KINDS = (
    "sky", "weather", "water", "light", "land", "building", "way", "plant", "food", "small_animal", "big_animal",
    "monster", "spirit", "person", "machine", "paper", "music", "wear", "treasure", "object", "time", "word", "feeling",
)  # fmt: skip
LONGEST = 4
"""Most words of a compound noun."""
LEAST_HURRIED = 4
"""Letters of a word from which a missing accent is put back."""


@dataclass(frozen=True)
class Noun:
    """A row of the lexicon: forms first, then what a tale may say of it; see docs/frames.md."""

    names: tuple[str, ...]
    """Singular, plural, then other words for it."""
    kind: str
    one: str
    """With its article, new to the listener: `a clock`, `the moon`, `snow`."""
    the: str
    gender: str = ""
    number: str = "s"
    """`s` one, `p` several, `u` without number."""
    does: str = ""
    where: str = ""
    sound: str = ""
    smell: str = ""
    used: Annotated[str, Field(alias="for")] = ""
    small: str = ""
    wrong: str = ""
    fears: str = ""
    keeper: str = ""


@dataclass(frozen=True)
class Being:
    """Somebody or something in a tale, with its forms."""

    one: str
    """`an old clock`."""
    the: str
    """`the old clock`; of somebody with a name, the name."""
    bare: str
    """`old clock`."""
    class_: str
    """Its class of gender and number in its language."""
    kind: str = ""
    noun: Noun | None = None
    whole: str = ""
    """`the old clock that runs backwards`, where the wish says more of it; else as `the`."""
    said: tuple[str, str] = ("", "")
    """What the hero calls it, and what others call it in front of them, where it is the hero's: `my clock`."""

    @property
    def many(self) -> bool:
        return MANY in self.class_


class Lexicon:
    """All nouns of a language, found by any of their words."""

    def __init__(self, rows: dict[str, Noun], forms: Forms, language: str) -> None:
        self.rows, self.language = rows, language
        self._forms = forms
        self._by_word: dict[str, Noun] = {}
        # The first row keeps a word that several share: rows are written in the order of likelihood.
        for noun in rows.values():
            for name in noun.names:
                self._by_word.setdefault(name.lower(), noun)

    def find(self, phrase: str) -> Noun | None:
        """Return the row of what a noun phrase is about; None where there is none: a night cleaner is no night."""
        words, head = phrase_words(phrase), len(head_words(phrase, self._forms))
        found = list(self._found(words, head))
        if not found:
            return next((noun for word in reversed(words) if (noun := self.compound(word))), None)
        noun, end = found[-1] if self._forms.head_last else found[0]
        return noun if end >= head or not self._forms.head_last else None

    def trait(self, phrase: str) -> str:
        """Return a phrase's adjectives: `very lazy` of `a very lazy beaver`."""
        noun = self.find(phrase)
        _, bare = self._parted(phrase)
        words = bare.split()[: len(head_words(bare, self._forms))]
        names = {word for name in noun.names for word in name.lower().split()} if noun else set()
        kept = [word for word in words if word.lower() not in names]
        plain = noun and len(kept) < len(words) and not _is_numeral(bare, self._forms)
        said = [word for word in kept if not self.find(word) and not word.endswith(("'s", "’s"))]
        said = [word for word in said if word.lower() not in words_of(self._forms.unique)]
        return " ".join(said) if plain and len(said) == len(kept) else ""

    def compound(self, word: str) -> Noun | None:
        """Return the row of the last part of `Zauberhut`, where the language writes such words as one."""
        cuts = range(3, len(word) - 3) if self._forms.large_nouns and word not in self._by_word else ()
        return next((noun for cut in cuts if (noun := self._by_word.get(word[cut:]))), None)

    def accented(self, word: str) -> str:
        """Return `ônibus` for `onibus`, where one noun alone can be meant; else the word as it is."""
        if len(word) < LEAST_HURRIED or word.lower() in self._by_word:
            return word
        meant = self._by_bare.get(word.lower(), frozenset())
        return next(iter(meant)) if len(meant) == 1 and word.islower() else word

    @cached_property
    def _by_bare(self) -> dict[str, frozenset[str]]:
        """Single words with an accent, by their letters without."""
        found: dict[str, frozenset[str]] = {}
        for name in self._by_word:
            bare = "".join(char for char in normalize("NFD", name) if not combining(char))
            if bare != name and " " not in name:
                found[bare] = found.get(bare, frozenset()) | {name}
        return found

    def known_words(self, words: Sequence[str], at: int) -> int:
        """Return how many words from there on are one noun of a row; 0 where there is none."""
        lengths = range(min(LONGEST, len(words) - at), 0, -1)
        return next((length for length in lengths if " ".join(words[at : at + length]) in self._by_word), 0)

    def _found(self, words: list[str], head: int) -> Iterator[tuple[Noun, int]]:
        """Give rows with their end, as far as the phrase says what it is: of `key of the house` the key."""
        at = 0
        while at < head:
            length = self.known_words(words, at)
            if length:
                yield self._by_word[" ".join(words[at : at + length])], at + length
            at += length or 1

    def being(self, phrase: str) -> Being:
        """Return a phrase of a wish with its articles corrected."""
        noun = self.find(phrase)
        first, bare = self._parted(phrase.strip(" ,.;:!?\"“”'’"))
        determined = bool(first)
        told = self._told_class(first) if determined and self._forms.gendered and not (noun and noun.gender) else ""
        if noun and not told and bare.lower() in {name.lower() for name in noun.names[:2]} and not self._counts(bare):
            return self._of_row(noun, bare)
        class_ = told or self._class_of(bare, noun)
        if not determined and bare[:1].isupper() and noun is None:
            return Being(bare, bare, bare, class_)
        at = self._forms.classes.index(class_)
        the = f"{self._forms.known_articles[at]} {bare}".strip()
        if not determined and bare.split()[0].endswith(("'s", "’s")):
            the = new = bare  # `grandma's recipe book`
        elif self._is_only_one(first, bare):
            new = the
        elif (noun is not None and noun.number == "u") or _is_numeral(bare, self._forms):
            new = bare
        else:
            new = f"{self._forms.new_articles[at]} {bare}".strip()
        return Being(new, self._shortened(the, noun), bare, class_, noun.kind if noun else "", noun, the)

    def _shortened(self, the: str, noun: Noun | None) -> str:
        """Return its head alone: `the walls` of `the walls of our new house`."""
        words = the.split()
        links = words_of(self._forms.links)
        end = next((at for at, word in enumerate(words) if at > 1 and word.lower() in links), len(words))
        return " ".join(words[:end]) if noun is not None else the

    def _parted(self, phrase: str) -> tuple[str, str]:
        """Return the last of its articles and possessives, and the words after them: `a minha avó`."""
        words = [part for word in phrase.split() for part in self._apart(word)]
        at, small = (
            0,
            words_of(self._forms.determiners) | (words_of(self._forms.whenever) & words_of(self._forms.numerals)),
        )
        while at + 1 < len(words) and words[at].lower() in small:
            at += 1
        return (words[at - 1] if at else ""), " ".join(words[at:])

    def _apart(self, word: str) -> list[str]:
        """Return `l'ours` as its article and its noun."""
        article, mark, rest = word.partition("’" if "’" in word else "'")
        return [article + "'", rest] if mark and f"{article.lower()}'" in words_of(self._forms.determiners) else [word]

    def _is_only_one(self, article: str, bare: str) -> bool:
        """Whether there is only one: `the last star`, `the king's crown`, `the key of the house`."""
        words = bare.lower().split()
        if words[:1] and (words[0] in words_of(self._forms.unique) or re.search(self._forms.superlatives, words[0])):
            return True
        links = words_of(self._forms.links)
        known = article.lower() in words_of(self._forms.definite) - words_of(self._forms.mine)
        return known and any(word in links or word.endswith(("'s", "’s")) for word in words[:-1])

    def _told_class(self, article: str) -> str:
        """Return the class by the wish's own article, where the noun leaves it open: `uma pirata`."""
        articles = (self._forms.new_articles, self._forms.known_articles)
        known: dict[str, str] = {}
        for row in articles:
            for word, class_ in zip(row, self._forms.classes, strict=True):
                known.setdefault(word, class_)
        return known.get(article.lower(), "")

    def _counts(self, bare: str) -> bool:
        return _is_numeral(bare, self._forms)

    def _of_row(self, noun: Noun, bare: str) -> Being:
        """Return a noun of the lexicon with nothing beside it; its plural, where the wish used that."""
        class_ = self._class_of(bare, noun)
        if MANY in class_ and noun.number != "p":
            at = self._forms.classes.index(class_)
            one = f"{self._forms.new_articles[at]} {bare}".strip()
            return Being(one, f"{self._forms.known_articles[at]} {bare}", bare, class_, noun.kind, noun)
        return Being(noun.one, noun.the, noun.names[0], class_, noun.kind, noun)

    def _class_of(self, bare: str, noun: Noun | None) -> str:
        words = [word.lower() for word in bare.split()]
        many = _is_numeral(bare, self._forms) or (noun is None and self._looks_plural(head_words(bare, self._forms)))
        if noun is not None:
            said = f" {' '.join(words)} "
            plural = any(f" {name} " in said for name in _plurals(noun)) or self._ends_plural(words, noun)
            many = many or noun.number == "p" or (noun.number == "s" and plural)
            return self._forms.class_of(noun.gender or "n", many=many)
        feminine = bool(words) and re.search(self._forms.feminine, words[-1 if self._forms.head_last else 0])
        return self._forms.class_of("f" if feminine else "n", many=many)

    def _ends_plural(self, words: Sequence[str], noun: Noun) -> bool:
        """Whether a compound ends with a plural: `Rennpferde`."""
        last = words[-1] if words else ""
        return self.compound(last) is noun and any(last.endswith(name) for name in _plurals(noun))

    def _looks_plural(self, words: list[str]) -> bool:
        head = words[-1 if self._forms.head_last else 0] if words else ""
        return head.endswith("s") and not head.endswith(("ss", "us", "is"))


def _plurals(noun: Noun) -> set[str]:
    """Return the plurals among its names, which follow their singulars."""
    names = [name.lower() for name in noun.names]
    later = {name for at, name in enumerate(names) if at > 1 and {name[:-1], name[:-2]} & {*names[:1], *names[2:]}}
    return later | ({names[1]} if len(names) > 1 and names[1] != names[0] else set())


def head_words(phrase: str, forms: Forms) -> list[str]:
    """Return the words of a noun phrase that say what it is, lower case: without `of ...`, `who ...`."""
    words = phrase_words(phrase)
    links = words_of(forms.links)
    end = next((at for at, word in enumerate(words) if at and word in links), len(words))
    return words[:end]


def phrase_words(phrase: str) -> list[str]:
    """Return words in lower case, compounds and elisions whole, without figures."""
    return re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", phrase.lower())


def _is_numeral(bare: str, forms: Forms) -> bool:
    first = bare.partition(" ")[0].lower()
    return first in words_of(forms.numerals) or first.isdigit()


@cache
def lexicon_of(language: str) -> Lexicon:
    """Read data/languages/<code>/lexicon.toml."""
    return Lexicon(read_table(language_file(language, "lexicon"), dict[str, Noun]), forms_of(language), language)
