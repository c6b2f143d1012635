"""A wish's deed in all its forms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.tables import language_file, read_table
from pipeline.writing.forms import forms_of, is_determiner
from pipeline.writing.lexicon import lexicon_of
from pipeline.writing.tongue import words_of

INFINITIVE, PRESENT, PAST, GERUND, PARTICIPLE = range(5)
NAMES = {"inf": INFINITIVE, "s": PRESENT, "past": PAST, "ing": GERUND}
"""How frames call them."""
_LOOKED_AT = 4
"""Words in which the verb of a deed must come."""
_MOST_OF_TWO = 10
"""Words of two deeds that are told together."""
Patterns = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Verbs:
    """data/languages/<code>/verbs.toml."""

    after: str
    """What may stand before an infinitive: `to`."""
    infinitives: str
    """A pattern of infinitives."""
    adverbs: str
    """Words that may stand before the verb."""
    lead: str
    """A pattern: what only leads to the deed, as `wants to`."""
    plain: str
    """Words after which a bare verb stands: the deed is then left as it is."""
    verbs: tuple[tuple[str, str, str, str, str], ...]
    infinitive: Patterns
    present: Patterns
    past: Patterns
    gerund: Patterns
    finite: str = ""
    """A pattern: how a told verb ends that stands in no table; without it any word may be one."""
    participles: str = ""
    """Words that look like a told verb and say how somebody is: `stranded`."""
    first: Patterns = ()
    """How what one does oneself is put into the infinitive, where no pronoun need say so: `perdi` to `perder`."""
    gone: str = ""
    """A pattern of deeds that say that somebody or something is not there any more: `vanished`."""
    nobodys: str = ""
    """A pattern: how a verb ends that begins a wish and has nobody who does it: `roubaram o sapato`."""
    last: str = ""
    """Prefixes that part from their verb (`auf ein um`), where an infinitive stands behind all that belongs to it."""
    perfect: str = ""
    """A pattern of deeds in the perfect, where the participle closes them: `hat den Zahn verloren`."""

    def is_known(self, word: str) -> bool:
        """Whether it is a form of a verb in the table, or by its ending might be."""
        return word in _rows(self) or bool(self._known_infinitive(word)) or self.is_mine(word)

    def is_mine(self, word: str) -> bool:
        """Whether it says by its form alone that the speaker does it."""
        return word not in _rows(self) and bool(self._infinitive_of_mine(word))

    def _infinitive_of_mine(self, word: str) -> str:
        found = (re.sub(pattern, put, word, count=1) for pattern, put in self.first if re.search(pattern, word))
        return next((one for one in found if one in _rows(self)), "")

    def _known_infinitive(self, word: str) -> str:
        """The infinitive in the table to which any of the patterns leads: `discutia` to `discutir`, not `discuter`."""
        found = (re.sub(pattern, put, word, count=1) for pattern, put in self.infinitive if re.search(pattern, word))
        return next((one for one in found if one in _rows(self)), "")

    def may_lead(self, word: str) -> bool:
        """Whether a deed can begin with a word: `babysitter` is none."""
        return self.is_known(word) or bool(self.last) or re.search(self.finite, word) is not None

    def row(self, word: str) -> tuple[str, ...] | None:
        """All forms of a verb by any of them; None where the word is no form that is known or that a pattern fits."""
        found = _rows(self).get(word) or _rows(self).get(self._infinitive_of_mine(word))
        if found:
            return found
        known = _rows(self).get(self._known_infinitive(word))
        if known:
            return known
        bare = _changed(word, self.infinitive)
        infinitive = bare or word
        forms = (_changed(infinitive, patterns) or infinitive for patterns in (self.present, self.past, self.gerund))
        return (infinitive, *forms)


@cache
def verbs_of(language: str) -> Verbs | None:
    """The table of a language; None where it has none yet."""
    file = language_file(language, "verbs")
    return read_table(file, Verbs) if file.is_file() else None


def known_forms(word: str, language: str) -> tuple[str, ...] | None:
    """Return all forms of a word that the language's table knows as a verb; None of any other word."""
    verbs = verbs_of(language)
    return verbs.row(word) if verbs is not None and verbs.is_known(word) else None


@cache
def _rows(verbs: Verbs) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for form in range(5):
        for row in verbs.verbs:
            found.setdefault(row[form], row)
    return found


def deed_forms(deed: str, language: str) -> dict[str, str]:
    """`opens a shop` as infinitive, present, past and gerund, by the names frames use; empty where there is no deed."""
    verbs = verbs_of(language)
    deeds = _apart(_without_lead(deed, verbs, language), verbs, language) if verbs else []
    if not verbs or not deeds:
        return {}
    told = [_forms_of(one, verbs) for one in deeds]
    joint = forms_of(language).together[1]
    return {name: joint.join(one[name] for one in told) for name in NAMES}


def _forms_of(words: list[str], verbs: Verbs) -> dict[str, str]:
    """Of one deed."""
    if words[0].lower() in words_of(verbs.after) and len(words) > 1:
        words = words[1:]
    if verbs.last:
        return _verb_last(words, verbs)
    at = _verb_at(words, verbs)
    row = verbs.row(words[at].lower())
    if row is None or {word.lower() for word in words[:at]} & words_of(verbs.plain):
        return {name: " ".join(words) for name in NAMES}
    return {name: " ".join([*words[:at], row[form], *words[at + 1 :]]) for name, form in NAMES.items()}


def _without_lead(deed: str, verbs: Verbs, language: str) -> list[str]:
    """`wants to fly` as `fly`; but what is dreamed of may be a thing: `dreams of the sea`, `goes to school` stay."""
    rest = re.sub(verbs.lead, "", deed, flags=re.IGNORECASE).split()
    first = next((word.lower() for word in rest if word.lower() not in words_of(verbs.after)), "")
    ends = re.search(verbs.infinitives, first) if _ends_told(verbs) else not lexicon_of(language).find(first)
    led = verbs.is_known(first) or ends
    whole = first and (is_determiner(first, forms_of(language)) or not led)
    return deed.split() if whole else rest


def _apart(words: list[str], verbs: Verbs, language: str) -> list[list[str]]:
    """`crossed the road and regretted it` as two deeds, each in forms of its own; what comes behind `but` is left out.

    A second one is told where `and` joins it to the first, in the same form, and both are short.
    """
    joint = forms_of(language).together[1].strip()
    for at in range(1, len(words) - 1):
        if words[at].lower() not in words_of(forms_of(language).breaks):
            continue
        first, second = words[:at], words[at + 1 :]
        if words[at].lower() == joint and _same_form(first, second, verbs, language):
            return [first, second] if len(words) <= _MOST_OF_TWO else [first]
        does = _first_told(second, verbs, language)
        if verbs.is_known(does.lower()) and lexicon_of(language).find(does) is None:
            return [first]
        if re.split("['’]", second[0].lower())[0] in words_of(forms_of(language).speaker):
            return [first]  # `got lost when I was five`: what the speaker adds is none of it
    return [words] if words else []


def _first_told(words: list[str], verbs: Verbs, language: str) -> str:
    """The first word that may say what is done: `stopped` of `she never stopped`, `para` of `hoje não para mais`."""
    forms = forms_of(language)
    small = words_of(f"{verbs.adverbs} {forms.negations} {forms.whenever} {forms.nobodies}") | set(forms.forms["he"])
    return next((word for word in words if word.lower() not in small), words[0])


def _same_form(first: list[str], second: list[str], verbs: Verbs, language: str) -> bool:
    """Whether a verb leads the second as it leads the first: `crosses ... regrets`, but not `eats chips and fish`."""
    one, two = first[_verb_at(first, verbs)].lower(), second[0].lower()
    forms = forms_of(language)
    same = any(pair == (one, two) for pair in zip(verbs.row(one) or (), verbs.row(two) or (), strict=False))
    small = words_of(forms.determiners) | words_of(forms.relatives)
    return same and (verbs.is_known(two) or (len(second) > 1 and second[1].lower() in small))


def _ends_told(verbs: Verbs) -> bool:
    """Whether an infinitive can be told by its ending."""
    return bool(re.search(verbs.infinitives, verbs.verbs[0][INFINITIVE]))


def verb_of(deed: str, language: str) -> str:
    """The infinitive of what is done; empty where there is no deed."""
    verbs, forms = verbs_of(language), deed_forms(deed, language)
    if not verbs or not forms:
        return ""
    words = forms["inf"].lower().split()
    return words[-1] if verbs.last else words[_verb_at(words, verbs)]


def is_wished(deed: str, language: str) -> bool:
    """Whether something only leads to it: `dreams of flying`."""
    verbs = verbs_of(language)
    return verbs is not None and " ".join(_without_lead(deed, verbs, language)) != " ".join(deed.split())


def is_once(deed: str, language: str) -> bool:
    """Whether it was done once, and is told as past: `swallowed a coin`, but not `swallowed a coin every day`."""
    verbs, words = verbs_of(language), deed.lower().split()
    forms = forms_of(language)
    if verbs is None or not words or {*words} & words_of(forms.whenever):
        return False
    told = words[_verb_at(words, verbs)]
    row = known_forms(told, language)
    return row is not None and told == row[PAST] != row[PRESENT]


def _verb_last(words: list[str], verbs: Verbs) -> dict[str, str]:
    """`verkauft Brot`, `Brot verkauft` and `Brot verkaufen` alike: told forms lead, the infinitive closes."""
    known = _rows(verbs)
    words = _without_auxiliary(words, verbs)
    leads = words[0].lower() in known or (words[-1][:1].isupper() and words[0].lower() not in _small(verbs))
    first = len(words) > 1 and leads and not words[0][0].isupper()
    verb, rest = (words[0].lower(), words[1:]) if first else (words[-1].lower(), words[:-1])
    prefix = ""
    if first and rest[-1].lower() in words_of(verbs.last):
        prefix, rest = rest[-1].lower(), rest[:-1]
    elif not first and verb not in known:
        parts = (one for one in words_of(verbs.last) if verb.startswith(one) and verb.removeprefix(one) in known)
        prefix = max(parts, key=len, default="")
        verb = verb.removeprefix(prefix)
    row = verbs.row(verb) or (verb,) * 5
    told = {name: " ".join([row[form], *rest, *([prefix] if prefix else [])]) for name, form in NAMES.items()}
    return {**told, "inf": " ".join([*rest, prefix + row[INFINITIVE]])}


def _small(verbs: Verbs) -> frozenset[str]:
    return words_of(verbs.plain) | words_of(verbs.adverbs)


def _without_auxiliary(words: list[str], verbs: Verbs) -> list[str]:
    """`hat den Zahn verloren` and `den Zahn verloren hat` as `verlor den Zahn`; others as they are."""
    if len(words) < 2 or not verbs.perfect:
        return words
    orders = (words, [words[-1], *words[:-1]])
    told = next((one for one in orders if re.search(verbs.perfect, " ".join(one), re.IGNORECASE)), None)
    if told is None:
        return words
    found = _row_of_done(told[-1].lower(), verbs, many=told[0].endswith("n"))
    return [found[1][PAST], *told[1:-1], *([found[0]] if found[0] else [])] if found else words


def _row_of_done(participle: str, verbs: Verbs, *, many: bool) -> tuple[str, tuple[str, ...]] | None:
    """Its prefix and its row: of `aufgewacht` `auf` and `wachen`."""
    for prefix in ("", *sorted(words_of(verbs.last), key=len, reverse=True)):
        rows = [row for row in verbs.verbs if prefix + row[PARTICIPLE] == participle]
        if rows:
            return prefix, next((row for row in rows if (row[PRESENT] == row[INFINITIVE]) == many), rows[0])
    return None


def _verb_at(words: Sequence[str], verbs: Verbs) -> int:
    """The first word that is neither an adverb nor plain."""
    skipped = _small(verbs)
    looked = range(min(_LOOKED_AT, len(words)))
    return next((at for at in looked if words[at].lower() not in skipped), 0)


def _changed(word: str, patterns: Patterns) -> str:
    for pattern, put in patterns:
        if re.search(pattern, word):
            return re.sub(pattern, put, word, count=1)
    return ""
