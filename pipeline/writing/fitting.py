"""Sets found for a wish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.tables import lists
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
    return _nearest(fit_of(one, wish) for one in frame.sets)


def fit_of(part: FramePart, wish: Sought) -> str:
    """How near a set lies to a wish; empty where it is about something else."""
    return _nearest(_fit(wanted, wish) for wanted in part.fits)


def _nearest(fits: Iterable[str]) -> str:
    found = {*fits}
    return next((fit for fit in FITS if fit in found), "")


def _fit(wanted: str, wish: Sought) -> str:
    """How near one word that a set is for lies to the wish; empty where it does not; of several, the nearest of all."""
    if BOTH in wanted:
        fits = [_fit(one.strip(), wish) for one in wanted.split(BOTH)]
        return _nearest(fits) if all(fits) else ""
    if wanted == ANY:
        return ANY
    if wanted.startswith(DEED):
        word = wanted.removeprefix(DEED).lower()
        return "deed" if lists(word, wish.done[:2]) else "word" if lists(word, wish.done) else ""
    if wanted.startswith(TRAIT):
        return "deed" if lists(wanted.removeprefix(TRAIT).lower(), wish.like) else ""
    prefix, key = next(one for one in _WHOSE if wanted.startswith(one[0]))
    being, word = wish.beings.get(key), wanted.removeprefix(prefix)
    if being is None:
        return ""
    if word.startswith(KIND):
        return "kind" if word == f"{KIND}{being.kind}" else ""
    return "word" if lists(word.lower(), wish.called[key]) or (" " in word and word in being.bare.lower()) else ""
