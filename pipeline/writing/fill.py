"""Fills slots with the right forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipeline.writing.forms import BODY_SLOTS, Body, Forms, polished
from pipeline.writing.frames import FrameFigure, Words
from pipeline.writing.lexicon import Being
from pipeline.writing.seeds import choice
from pipeline.writing.tongue import WORD, tongues, words_of

HERO = "N"
BLANK, OR, END = "\u2983", "\u00a6", "\u2984"
"""Marks of a blank with its candidates, in a filled text: signs that no wish and no frame contains."""
_SLOT = re.compile(r"\{([^{}]+)\}")
_CHOICE = re.compile(r"\[(?:([A-Z])([:#]))?([^\[\]{}]*\|[^\[\]{}]*)\]")
_SPEAKER = re.compile(r"@([A-Z])(?:\(([^)]*)\))?\s*“")
_STARTS = re.compile(r"(?:[.!?…]’?\s+|[.…]”\s+|(?<!,\s)“|‘)$")
"""Where a slot begins a sentence: not where a quotation goes on after `he said,`."""
_CRIED = re.compile(r"[?!]”\s+$")
"""Where it does so too, unless somebody is said to ask or to cry."""
_SINGULAR = frozenset({"does", "small", "wrong"})
"""What a row says of one: of several it would be wrong."""
_DEPTH = 6  # slots within values within slots; a value that names itself ends here


class NotThere(Exception):
    """A slot asks for something that this tale does not have."""


@dataclass(frozen=True)
class Scope:
    """All that slots can ask for in one tale."""

    language: str
    forms: Forms
    body: Body
    beings: Mapping[str, Being]
    """`N` the hero, `T` the thing, and the frame's own people."""
    values: Mapping[str, Words]
    """The frame's own words, by name."""
    seed: int
    deed: Mapping[str, str] = field(default_factory=dict)
    blanks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tag: str = ""
    """What the deed is by the frame's own words for it: `died` takes the turn `parting_died` for `parting`."""
    own: Mapping[str, str] = field(default_factory=dict)
    """What the wish itself decides, whatever the frame says: `intro`, `who`."""
    met: bool = False
    """Whether the listener has met the hero before."""

    def with_figures(self, figures: Mapping[str, FrameFigure]) -> Scope:
        """Return the same with people whom the frame brings along."""
        met = {key: self._met(figure) for key, figure in figures.items()}
        return replace(self, beings={**self.beings, **met})

    def _met(self, figure: FrameFigure) -> Being:
        name = filled(figure.name, self)
        many = figure.gender.endswith("p")
        class_ = self.forms.class_of(figure.gender[:1] or "m", many=many)
        return Being(figure.one or name, name, name, class_, figure.kind)


def filled(template: str, scope: Scope) -> str:
    """Return the template in words; raises NotThere for a slot that has none."""
    return polished(_filled(template, scope, _DEPTH), scope.language)


def _filled(template: str, scope: Scope, depth: int) -> str:
    if depth == 0:
        raise NotThere(f"{template}: a value that holds itself")
    # Choices first: their options hold slots, of which only the chosen one's may be asked for.
    template = _CHOICE.sub(lambda match: _agreed(match, scope), template)
    parts: list[str] = []
    end = 0
    for match in _SLOT.finditer(template):
        parts.append(template[end : match.start()])
        value = _value(match[1].strip(), _spoken("".join(parts), scope), depth)
        before = _unmarked("".join(parts))
        first = depth == _DEPTH and not before.strip("“‘ ")
        end = match.end()
        starts = first or _STARTS.search(before) or (_CRIED.search(before) and not _is_said(template[end:], scope))
        parts.append(capital(value) if starts else value)
    return "".join([*parts, template[end:]])


def _spoken(before: str, scope: Scope) -> Scope:
    """With the hero's things as the one calls them in whose quotation a slot stands: `my father`."""
    owned = {key: being for key, being in scope.beings.items() if being.said[0]}
    if not owned or before.rfind("“") <= before.rfind("”"):
        return scope
    speaker = [match[1] for match in _SPEAKER.finditer(before)][-1:]
    said = {key: being.said[speaker != [HERO]] for key, being in owned.items()}
    spoken = {key: replace(scope.beings[key], one=name, the=name) for key, name in said.items()}
    return replace(scope, beings={**scope.beings, **spoken})


def _is_said(following: str, scope: Scope) -> bool:
    """Whether the next word is one of saying: `“Who?” the king asked`."""
    word = WORD.search(following)
    return word is not None and word[0].lower() in words_of(tongues()[scope.language].saying)


def _unmarked(text: str) -> str:
    """Return a text without the speaker before a quotation."""
    return re.sub(r"@[A-Z](?:\([^)]*\))?\s*$", "", _SPEAKER.sub("“", text))


def capital(text: str) -> str:
    """Return it with a capital first letter; of a blank, each candidate."""
    if text.startswith(BLANK):
        return BLANK + OR.join(capital(one) for one in text[1:-1].split(OR)) + END
    return text[:1].upper() + text[1:]


def _agreed(match: re.Match[str], scope: Scope) -> str:
    key, sign, options = match[1] or HERO, match[2] or "#", match[3].split("|")
    being = scope.beings.get(key)
    if being is None:
        raise NotThere(f"[{match[0]}]: nobody is called {key} here")
    return scope.forms.agreed(options, being.class_, number=sign == "#")


def _value(name: str, scope: Scope, depth: int) -> str:
    # As written, then with a small first letter: `{The king}` is `{the king}` at the start of a sentence.
    for key, large in ((name, False), (name[:1].lower() + name[1:], True), (name.removeprefix("^"), True)):
        found = _found(key, scope, depth)
        if found is not None:
            return capital(found) if large else found
    raise NotThere(f"{{{name}}}: no such slot")


def _found(name: str, scope: Scope, depth: int) -> str | None:
    article, _, key = name.rpartition(" ")
    if key in scope.beings and article == "the whole":
        return scope.beings[key].whole or scope.beings[key].the
    if key in scope.beings and article in {"a", "the"}:
        being = scope.beings[key]
        return being.one if article == "a" else being.the
    if name in scope.beings:
        return scope.beings[name].the if name != "T" else scope.beings[name].bare
    if name.endswith(("'s", "’s")) and name[:-2].removeprefix("the ") in scope.beings:
        owner = scope.beings[name[:-2].removeprefix("the ")]
        return f"{owner.the}'" if owner.many and owner.the.endswith("s") else f"{owner.the}'s"
    if name.endswith(("'s", "’s")) and (whole := _found(name[:-2], scope, depth)):
        return f"{whole}'s"
    key, _, what = name.partition(".")
    if what:
        return _of(key, what, scope, depth)
    if name in scope.own:
        return scope.own[name]
    if name in BODY_SLOTS:  # a turn may be called `home`, too
        return _filled(_chosen(getattr(scope.body, name), name, scope), scope, depth - 1)
    if name in scope.values:
        return _filled(_chosen(scope.values[name], name, scope), scope, depth - 1)
    return scope.forms.form(name, scope.beings[HERO].class_) if name in scope.forms.forms else None


def _of(owner: str, what: str, scope: Scope, depth: int) -> str | None:
    if owner == "deed":
        if not scope.deed.get(what):
            raise NotThere(f"{{deed.{what}}}: the wish names no deed")
        return scope.deed[what]
    if owner == "blank":
        options = scope.blanks.get(what)
        return BLANK + OR.join(_filled(one, scope, depth - 1) for one in options) + END if options else None
    being = scope.beings.get(owner)
    if being is None:
        return None
    if what in scope.forms.forms:
        return scope.forms.form(what, being.class_)
    if what.lower() in scope.forms.forms:
        return capital(scope.forms.form(what.lower(), being.class_))
    told = getattr(being.noun, "used" if what == "for" else what, "") if being.noun else ""
    if not told or (what in _SINGULAR and being.many and being.noun and being.noun.number == "s"):
        raise NotThere(f"{{{owner}.{what}}}: nothing is known of it")
    return _filled(str(told), scope, depth - 1)


def _chosen(words: Words, name: str, scope: Scope) -> str:
    return words if isinstance(words, str) else choice(words, scope.seed, f"value:{name}")
