"""Sets found for a wish."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.writing.deeds import known_forms
from pipeline.writing.forms import Forms, forms_of
from pipeline.writing.frames import ANY, DEED, KIND, OTHER_IS, PLACE_IS, TRAIT, FramePart, TaleFrame
from pipeline.writing.lexicon import Being, head_words, phrase_words

FITS = ("deed", "word", "kind", ANY)
"""How near a set may lie to a wish, the nearest first."""
BOTH = "&"
"""Between words of which a wish must have every one: `deed:eat*&kind:food`."""
_WHOSE = ((OTHER_IS, "O"), (PLACE_IS, "L"), ("", "T"))
"""What a set's word is about, by how it begins."""


@dataclass(frozen=True)
class Sought:
    """What of a wish finds the set that is about it; looked at once, and compared with every set."""

    beings: Mapping[str, Being]
    called: Mapping[str, frozenset[str]]
    """What each of them is called."""
    done: tuple[str, ...]
    """The words of the deed, and of what is said of the hero without a verb."""
    like: frozenset[str]
    """These and what the hero is, adjectives and all."""


def sought(beings: Mapping[str, Being], deed: str, who: str, language: str) -> Sought:
    """What of a wish finds its set."""
    forms = forms_of(language)
    called = {key: _called(beings[key], forms) for _, key in _WHOSE if key in beings}
    beside = {word for being in beings.values() for word in phrase_words(being.bare)[:-1]}
    # `a singing shell` is found, and nobody sings
    done = tuple(word for word in phrase_words(deed) if word not in beside or not known_forms(word, language))
    return Sought(beings, called, done, frozenset(phrase_words(f"{who} {deed}")))


def _called(being: Being, forms: Forms) -> frozenset[str]:
    names = (name.lower() for name in being.noun.names) if being.noun else ()
    return frozenset((*head_words(being.bare, forms), *names))


def best_fit(frame: TaleFrame, wish: Sought) -> str:
    """How near the nearest set of a frame lies to a wish."""
    return _wanted(tuple(word for one in frame.sets for word in one.fits)).fit(wish)


def fit_of(part: FramePart, wish: Sought) -> str:
    """How near a set lies to a wish; empty where it is about something else."""
    return _wanted(part.fits).fit(wish)


@dataclass(frozen=True)
class _Words:
    """Words of a table, of which `danc*` stands for every word that begins so."""

    whole: frozenset[str]
    begins: tuple[str, ...]

    @classmethod
    def of(cls, words: Iterable[str]) -> _Words:
        every = [word.lower() for word in words]
        begins = tuple(word.removesuffix("*") for word in every if word.endswith("*"))
        return cls(frozenset(word for word in every if not word.endswith("*")), begins)

    def among(self, words: Collection[str]) -> bool:
        """Whether one of them is among these."""
        return not self.whole.isdisjoint(words) or any(word.startswith(self.begins) for word in words)


@dataclass(frozen=True)
class _About:
    """Words, kinds, and phrases of several words for a being of the wish."""

    key: str
    words: _Words
    kinds: frozenset[str]
    phrases: tuple[str, ...]

    @classmethod
    def of(cls, key: str, words: Collection[str]) -> _About:
        plain = [word for word in words if not word.startswith(KIND)]
        kinds = frozenset(word.removeprefix(KIND) for word in words if word.startswith(KIND))
        return cls(key, _Words.of(plain), kinds, tuple(word for word in plain if " " in word))

    def named(self, wish: Sought) -> bool:
        """Whether the wish calls it by one of the words."""
        bare = wish.beings[self.key].bare.lower()
        return self.words.among(wish.called[self.key]) or any(phrase in bare for phrase in self.phrases)


@dataclass(frozen=True)
class _Wanted:
    """What sets are for, taken apart once: a wish is compared with thousands of words."""

    anything: bool
    deeds: _Words
    traits: _Words
    beings: tuple[_About, ...]
    both: tuple[tuple[_Wanted, ...], ...] = ()
    """Words that fit together or not at all."""

    def fit(self, wish: Sought) -> str:
        """The nearest of FITS; empty where the wish is about something else; of several together, the nearest."""
        each = [[one.fit(wish) for one in together] for together in self.both]
        found = {self._alone(wish), *(fit for fits in each if all(fits) for fit in fits)}
        return next((fit for fit in FITS if fit in found), "")

    def _alone(self, wish: Sought) -> str:
        if self.deeds.among(wish.done[:2]) or self.traits.among(wish.like):
            return "deed"
        there = [one for one in self.beings if one.key in wish.beings]
        if self.deeds.among(wish.done) or any(one.named(wish) for one in there):
            return "word"
        if any(wish.beings[one.key].kind in one.kinds for one in there):
            return "kind"
        return ANY if self.anything else ""


@cache
def _wanted(fits: tuple[str, ...]) -> _Wanted:
    """Take apart the words of a set, or those of all sets of a frame."""
    both = tuple(tuple(_wanted((one.strip(),)) for one in word.split(BOTH)) for word in fits if BOTH in word)
    fits = tuple(word for word in fits if BOTH not in word)
    own = [word for word in fits if word != ANY and not word.startswith((DEED, TRAIT))]
    of: dict[str, list[str]] = {}
    for word in own:
        prefix, key = next(one for one in _WHOSE if word.startswith(one[0]))
        of.setdefault(key, []).append(word.removeprefix(prefix))
    return _Wanted(
        ANY in fits,
        _Words.of(word.removeprefix(DEED) for word in fits if word.startswith(DEED)),
        _Words.of(word.removeprefix(TRAIT) for word in fits if word.startswith(TRAIT)),
        tuple(_About.of(key, words) for key, words in of.items()),
        both,
    )
