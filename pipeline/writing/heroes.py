"""Finds heroes and gives them names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from pipeline.writing.forms import Forms, forms_of, joined
from pipeline.writing.frames import TaleFrame
from pipeline.writing.lexicon import ALIVE, Being, Lexicon, lexicon_of
from pipeline.writing.names import names_of, parted
from pipeline.writing.readings import WishReading
from pipeline.writing.seeds import choice, shuffled
from pipeline.writing.speaker_words import is_mine
from pipeline.writing.tongue import words_of

MOST_HEROES = 12


@dataclass(frozen=True)
class Hero:
    """A hero of the tale, or several told as one."""

    being: Being
    """Its `the` is what the tale calls them: `Mara`, `the king`, `Mina and Jo`."""
    who: str = ""
    """What they are, new to the listener: `a retired pirate`; empty where the wish does not say."""
    named: bool = True
    """Whether `the` is a name."""


class Heroes:
    """Finds the heroes of a tale, in one language, by one seed."""

    def __init__(self, language: str, seed: int, unwanted: Collection[str] = ()) -> None:
        self._seed, self._unwanted = seed, unwanted
        self.forms: Forms = forms_of(language)
        self.lexicon: Lexicon = lexicon_of(language)
        self._names = names_of(language)

    def heroes(self, reading: WishReading, frame: TaleFrame | None = None) -> list[Hero]:
        """Return whom the wish names, or somebody invented; two where the frame needs two."""
        names = parted(reading.hero, self.forms)[:MOST_HEROES]
        whos = parted(reading.who, self.forms)
        two = frame is not None and "two" in frame.about.needs
        if names:
            each = whos if len(whos) == len(names) else [reading.who if len(names) == 1 else ""] * len(names)
            found = [self._named(name, who) for name, who in zip(names, each, strict=True)]
            shared = reading.who if len(names) > 1 and len(whos) < 2 else ""
            found = [replace(one, who=one.who or shared) for one in found]
        elif len(whos) > 1:
            found = [self._called(who) for who in whos]
        elif reading.who:
            found = self.pair(reading.who) if self._is_pair(reading.who) else [self._unnamed(reading.who)]
        else:
            found = [self.anybody()]
        if len(found) == 1 and (reading.gender or reading.figure):
            found = [self._as_known(found[0], reading)]
        if two and len(found) == 1:
            first = found[0].being.the
            found = [self._called(reading.who)] if reading.other and reading.who and not reading.hero else found
            found.append(self._called(reading.other) if reading.other else self.anybody(unlike=first))
        return found[:2] if two else found

    def _named(self, name: str, who: str) -> Hero:
        being = self.lexicon.being(who) if who else None
        first = name.split(maxsplit=1)[0] if " " in name else ""
        title = self.lexicon.find(first) if first else None
        told = title.gender if title and title.gender in {"m", "f"} else self._gender(being, who)
        gender = told or self._names.gender(name) or self._some_gender(name)
        class_ = self.forms.class_of(gender, many=False)
        called = name[:1].upper() + name[1:]
        if (title or first.lower() in words_of(self.forms.titles)) and self.forms.titles_known:
            called = f"{self.forms.known_articles[self.forms.classes.index(class_)]} {name}"
        return Hero(Being(called, called, name, class_, being.kind if being else "person"), self._new(who))

    def _as_known(self, hero: Hero, reading: WishReading) -> Hero:
        """Return the hero with the pronoun of earlier tales, where this tale's words do not say another."""
        being = hero.being
        free = reading.gender and not being.many and (hero.named or not self.forms.gendered)
        class_ = self.forms.class_of(reading.gender, many=False) if free else being.class_
        kind = being.kind if hero.who or not reading.figure else reading.figure
        return replace(hero, being=replace(being, class_=class_, kind=kind))

    def _unnamed(self, who: str, unlike: str = "") -> Hero:
        """Call `the king` so; give `a king` a name; call several what they are."""
        who = self._related(who)
        being = self.lexicon.being(who)
        first = who.partition(" ")[0].lower()
        if being.many or first in words_of(self.forms.definite) or being.one == being.the:
            return self._called(who)
        return self._given(self._gender(being, who), unlike, being.kind or "person", being.one)

    def _called(self, who: str) -> Hero:
        """Return a hero called by what they are: `the fox` of a fox and a hen."""
        being = self.lexicon.being(self._related(who))
        return Hero(self.somebody(being), being.one, named=False)

    def anybody(self, unlike: str = "") -> Hero:
        """Return somebody for a wish that names nobody."""
        role = choice(self._names.roles, self._seed, f"role{unlike}")
        who, _, rest = role.partition(":")
        kind, _, gender = rest.partition(":")
        return self._given(gender or self._gender(self.lexicon.being(who), who), unlike, kind, who)

    def _given(self, gender: str, unlike: str, kind: str, who: str) -> Hero:
        """Return somebody without a name, with one."""
        name = self._name(gender, unlike)
        class_ = self.forms.class_of(gender or self._names.gender(name) or self._some_gender(name), many=False)
        return Hero(Being(name, name, name, class_, kind), who)

    def pair(self, who: str) -> list[Hero]:
        """Return two names for `two sisters`."""
        gender = self._gender(self.lexicon.being(who), who) if who else ""
        told = [[name.partition(":") for name in pair] for pair in self._names.pairs]
        fit = [pair for pair in told if not gender or all(mark in {"", gender} for _, _, mark in pair)]
        pair = choice(fit or told, self._seed, "pair")
        kind = self.lexicon.being(who).kind if who else "person"
        return [
            Hero(Being(name, name, name, self.forms.class_of(gender or mark, many=False), kind), who)
            for name, _, mark in pair
        ]

    def together(self, heroes: Sequence[Hero]) -> Hero:
        """Return several as one who acts."""
        genders = {"f" if "f" in one.being.class_ else "m" for one in heroes}
        class_ = self.forms.class_of("f" if genders == {"f"} else "m", many=True)
        name = joined(tuple(one.being.the for one in heroes), self.forms)
        whos = list(dict.fromkeys(one.who for one in heroes if one.who))
        shared, named = whos[0] if len(whos) == 1 else "", all(one.named for one in heroes)
        new = joined(tuple(one.being.one for one in heroes), self.forms)
        return Hero(Being(new, name, name, class_, heroes[0].being.kind), shared, named)

    def _new(self, who: str) -> str:
        return self.lexicon.being(self._related(who)).one if who else ""

    def _related(self, who: str) -> str:
        """Return `a boy` for `my son`: strangers hear the tale, too."""
        if not is_mine(who, self.forms):
            return who
        words = who.split()
        rest = " ".join(words[1 + (words[0].lower() not in words_of(self.forms.mine)) :])
        if rest.split()[0].endswith(("'s", "’s")):
            return f"{self.forms.known_articles[0]} {rest}"  # `my neighbor's dog`
        return self.forms.relations.get(rest.lower(), "") or self.lexicon.being(rest).one

    def _is_pair(self, who: str) -> bool:
        first = who.partition(" ")[0].lower()
        return first in words_of(self.forms.two)

    def _gender(self, being: Being | None, who: str) -> str:
        if (
            being is not None
            and being.noun is not None
            and being.noun.kind in ALIVE
            and being.noun.gender in {"m", "f"}
        ):
            return being.noun.gender
        if being is not None and self.forms.gendered and who:
            return "f" if "f" in being.class_ else "m"
        return ""

    def _some_gender(self, name: str) -> str:
        return choice(("f", "m"), self._seed, f"gender:{name}")

    def _name(self, gender: str, unlike: str = "") -> str:
        told = [(name, marked) for name, _, marked in (one.partition(":") for one in self._names.names)]
        fit = [name for name, marked in told if (not gender or marked in {"", gender}) and name != unlike]
        # Names of the server's last tales are avoided, but a tale without a name is worse than a name again.
        fresh = [name for name in fit if name not in self._unwanted]
        return shuffled(fresh or fit, self._seed, "name")[0]

    def somebody(self, being: Being) -> Being:
        """Return a person with a gender: a teacher is he or she, even where the language does not say which."""
        if being.kind != "person" or being.many or self.forms.gendered:
            return being
        gender = being.class_ if being.class_ in {"m", "f"} else self._some_gender(being.bare)
        return replace(being, class_=self.forms.class_of(gender, many=False))
