"""People and things of one tale."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from pipeline.writing.deeds import deed_forms, verb_of
from pipeline.writing.fill import HERO, Scope, filled
from pipeline.writing.forms import Forms, body_of, forms_of, is_determiner, joined
from pipeline.writing.frames import Frame
from pipeline.writing.lexicon import ALIVE, Being, Lexicon, head_words, lexicon_of
from pipeline.writing.names import names_of, parted
from pipeline.writing.readings import Reading
from pipeline.writing.seeds import choice, shuffled
from pipeline.writing.tongue import words_of

THING, OTHER, PLACE, TWO = "T", "O", "L", ("A", "B")
MOST_HEROES, MOST_TRAIT_WORDS = 12, 4
GONE = "gone"
"""What a frame about somebody who is gone calls them."""


@dataclass(frozen=True)
class Hero:
    """One of those whom the tale is about, or several told as one."""

    being: Being
    """Its `the` is what the tale calls them: `Mara`, `the king`, `Mina and Jo`."""
    who: str = ""
    """New to the listener: `a retired pirate`; empty where the wish does not say."""
    named: bool = True


class Casting:
    """One tale's people and things, in one language, by one seed."""

    def __init__(
        self, language: str, seed: int, unwanted: Collection[str] = (), kinds: Mapping[str, str] | None = None
    ) -> None:
        """`kinds` are guesses for phrases whose noun stands in no row."""
        self.language, self._seed, self._unwanted = language, seed, unwanted
        self.forms: Forms = forms_of(language)
        self.lexicon: Lexicon = lexicon_of(language)
        self._kinds = kinds or {}
        self._names = names_of(language)

    def scope(self, reading: Reading, frame: Frame) -> Scope:
        """Everything the frame can ask for."""
        reading = replace(reading, who=self._small(reading.who))
        reading = self._with_things_apart(reading) if frame.about.living else reading
        reading = self._with_one_beside(reading, frame)
        heroes = self._invented_for(frame) if self._is_about_hero(reading, frame) else self.heroes(reading, frame)
        hero = heroes[0] if len(heroes) == 1 else self._together(heroes)
        beings = {HERO: hero.being, **dict(zip(TWO, (one.being for one in heroes), strict=False))}
        beings |= self.matters(reading, frame)
        words = frozenset(head_words(hero.who or hero.being.the, self.forms))
        deed = deed_forms(reading.deed, self.language)
        scope = Scope(
            self.language, self.forms, body_of(self.language, words, hero.being.kind), beings, {}, self._seed, deed
        )
        return replace(scope, own=self._introduced(hero, scope, reading, frame), tag=frame.tag_of(reading.deed))

    def heroes(self, reading: Reading, frame: Frame | None = None) -> list[Hero]:
        """Whom the wish names, or somebody invented; two where the frame needs two."""
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
            found = self._pair(reading.who) if self._is_pair(reading.who) else [self._unnamed(reading.who)]
        else:
            found = [self._anybody()]
        if two and len(found) == 1:
            first = found[0].being.the
            found = [self._called(reading.who)] if reading.other and reading.who and not reading.hero else found
            found.append(self._called(reading.other) if reading.other else self._anybody(unlike=first))
        return found[:2] if two else found

    def matters(self, reading: Reading, frame: Frame) -> dict[str, Being]:
        """The frame's {T}, and the wish's other one and place."""
        phrase = self._phrase(reading, frame)
        thing = self._being(phrase) if phrase else self._own_thing(frame)
        found = {THING: thing} if thing else {}
        if reading.other and reading.other != phrase:
            found[OTHER] = self._being(reading.other)
        place = self._place(reading)
        return found | ({PLACE: self._being(place)} if place and place != phrase else {})

    def _place(self, reading: Reading) -> str:
        """Without what leads to it: the garden of `at the end of the garden`."""
        small = words_of(self.forms.places) | words_of(self.forms.links)
        return " ".join(dropwhile(lambda word: word.lower() in small, reading.place.split()))

    def _phrase(self, reading: Reading, frame: Frame) -> str:
        """What of the wish the frame's {T} is."""
        wanted: tuple[str, ...]
        apart = "other" in frame.tells and "thing" not in frame.about.needs
        if self._is_about_hero(reading, frame):
            wanted = (reading.who, reading.hero, reading.thing)
        elif "other" in frame.about.needs or (apart and frame.about.matter == "thing"):
            wanted = (reading.thing, self._place(reading))
        elif frame.about.matter in {"other", "comer"}:
            wanted = (reading.other, reading.thing, self._place(reading))
        else:
            wanted = (reading.thing, reading.other, self._place(reading))
        return next((one for one in wanted if one), "")

    def _being(self, phrase: str) -> Being:
        being = self.lexicon.being(phrase)
        return self._somebody(being if being.kind else replace(being, kind=self._kinds.get(phrase, "")))

    def _own_thing(self, frame: Frame) -> Being | None:
        """One of those that the frame's sets are for, where it needs one and the wish names none."""
        if "thing" not in frame.about.needs:
            return None
        known = (word for one in frame.sets for word in one.fits if ":" not in word)
        nouns = [noun for word in known if (noun := self.lexicon.find(word.rstrip("*")))]
        return self.lexicon.being(choice(nouns, self._seed, "matter").names[0]) if nouns else None

    def _is_about_hero(self, reading: Reading, frame: Frame) -> bool:
        """Whether the wish's hero is what the tale is about, and somebody else its hero."""
        comes = verb_of(reading.deed, self.language) in frame.about.verbs.get(self.language, "").split()
        return frame.about.matter == "hero" or (frame.about.matter == "comer" and comes)

    def _with_one_beside(self, reading: Reading, frame: Frame) -> Reading:
        """Of `the moon and the firefly become friends` the second is the other one, where the frame asks for one."""
        whos, needed = parted(reading.who, self.forms), "other" in frame.about.needs
        if reading.other or not (needed or frame.about.matter == "other"):
            return reading
        if len(whos) > 1 and not reading.hero:
            return replace(reading, who=whos[0], other=whos[1])
        return replace(reading, other=reading.thing, thing="") if needed else reading  # who is taught, be it the wind

    def _with_things_apart(self, reading: Reading) -> Reading:
        """A clock that the wish puts first is what somebody finds, not who finds it."""
        noun = self.lexicon.find(reading.who) if reading.who and not reading.hero else None
        return replace(reading, who="", thing=reading.who) if noun and noun.kind not in ALIVE else reading

    def _somebody(self, being: Being) -> Being:
        """A teacher is he or she, even where the language does not say which."""
        if being.kind != "person" or being.many or self.forms.gendered:
            return being
        gender = being.class_ if being.class_ in {"m", "f"} else self._some_gender(being.bare)
        return replace(being, class_=self.forms.class_of(gender, many=False))

    def _invented_for(self, frame: Frame) -> list[Hero]:
        return [self._anybody()] if "two" not in frame.about.needs else self._pair("")

    def _named(self, name: str, who: str) -> Hero:
        being = self.lexicon.being(who) if who else None
        title = self.lexicon.find(name.partition(" ")[0]) if " " in name else None
        told = title.gender if title and title.gender in {"m", "f"} else self._gender(being, who)
        gender = told or self._names.gender(name) or self._some_gender(name)
        class_ = self.forms.class_of(gender, many=False)
        called = name[:1].upper() + name[1:]
        if title and self.forms.titles_known:
            called = f"{self.forms.known_articles[self.forms.classes.index(class_)]} {name}"
        return Hero(Being(called, called, name, class_, being.kind if being else "person"), self._new(who))

    def _unnamed(self, who: str, unlike: str = "") -> Hero:
        """`the king` is called so; `a king` is given a name; several are called what they are."""
        who = self._related(who)
        being = self.lexicon.being(who)
        first = who.partition(" ")[0].lower()
        if being.many or first in words_of(self.forms.definite) or being.one == being.the:
            return self._called(who)
        gender = self._gender(being, who)
        name = self._name(gender, unlike)
        class_ = self.forms.class_of(gender or self._names.gender(name) or self._some_gender(name), many=False)
        return Hero(Being(name, name, name, class_, being.kind or "person"), being.one)

    def _called(self, who: str) -> Hero:
        """By what they are: `the fox` of a fox and a hen."""
        being = self.lexicon.being(self._related(who))
        return Hero(self._somebody(being), being.one, named=False)

    def _anybody(self, unlike: str = "") -> Hero:
        """Somebody for a wish that names nobody."""
        role = choice(self._names.roles, self._seed, f"role{unlike}")
        who, _, rest = role.partition(":")
        kind, _, gender = rest.partition(":")
        gender = gender or self._gender(self.lexicon.being(who), who)
        name = self._name(gender, unlike)
        class_ = self.forms.class_of(gender or self._names.gender(name) or self._some_gender(name), many=False)
        return Hero(Being(name, name, name, class_, kind), who)

    def _pair(self, who: str) -> list[Hero]:
        """Two names for `two sisters`."""
        gender = self._gender(self.lexicon.being(who), who) if who else ""
        told = [[name.partition(":") for name in pair] for pair in self._names.pairs]
        fit = [pair for pair in told if not gender or all(mark in {"", gender} for _, _, mark in pair)]
        pair = choice(fit or told, self._seed, "pair")
        kind = self.lexicon.being(who).kind if who else "person"
        return [
            Hero(Being(name, name, name, self.forms.class_of(gender or mark, many=False), kind), who)
            for name, _, mark in pair
        ]

    def _together(self, heroes: Sequence[Hero]) -> Hero:
        """Several as one who acts."""
        genders = {"f" if "f" in one.being.class_ else "m" for one in heroes}
        class_ = self.forms.class_of("f" if genders == {"f"} else "m", many=True)
        name = joined(tuple(one.being.the for one in heroes), self.forms)
        whos = list(dict.fromkeys(one.who for one in heroes if one.who))
        shared, named = whos[0] if len(whos) == 1 else "", all(one.named for one in heroes)
        new = (
            name
            if named
            else joined(tuple(one.being.the if one.named else one.being.one for one in heroes), self.forms)
        )
        return Hero(Being(new, name, name, class_, heroes[0].being.kind), shared, named)

    def _introduced(self, hero: Hero, scope: Scope, reading: Reading, frame: Frame) -> dict[str, str]:
        """How the hero is met, in the ways that frames ask for."""
        name = hero.being.the
        who = hero.who if hero.named else hero.being.one
        told = {"name": name, "who": who}
        both = bool(hero.named and hero.who)
        alone = name if hero.named else who
        own = self._said(reading) | {
            "who": who or self.forms.nobody.get(hero.being.class_, name),
            "intro": filled(_put(self.forms.named, told), scope) if both else alone,
            "N_who": filled(_put(self.forms.aside, told), scope) if both else alone,
        }
        if self._is_about_hero(reading, frame) and reading.hero:
            own[GONE] = reading.hero
        return own

    def trait(self, reading: Reading) -> str:
        """What the hero is like, in the wish's words."""
        return self.lexicon.trait(reading.who) or _state(reading.deed, self.forms)

    def _said(self, reading: Reading) -> dict[str, str]:
        """What the wish says beside people and things, as it says it."""
        trait = self.trait(reading)
        place = reading.place[:1].lower() + reading.place[1:]
        return {key: value for key, value in (("place", place), ("trait", trait)) if value}

    def _new(self, who: str) -> str:
        return self.lexicon.being(self._related(who)).one if who else ""

    def _related(self, who: str) -> str:
        """`my son` as `a boy`: a stranger hears the tale, too."""
        first, _, rest = who.partition(" ")
        if first.lower() not in words_of(self.forms.mine):
            return who
        return self.forms.relations.get(rest.lower(), "") or self.lexicon.being(rest).one

    def _small(self, who: str) -> str:
        """`Two knights` as it stands inside a sentence."""
        first = who.partition(" ")[0]
        begins = is_determiner(first, self.forms) or first.lower() in words_of(self.forms.numerals)
        return who[:1].lower() + who[1:] if begins else who

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
        fresh = [name for name in fit if name not in self._unwanted]
        return shuffled(fresh or fit, self._seed, "name")[0]


def _state(deed: str, forms: Forms) -> str:
    """`is very shy` as `very shy`."""
    first, _, rest = deed.partition(" ")
    words = rest.split()
    plain = not any(is_determiner(word, forms) or word.lower() in words_of(forms.links) for word in words)
    return rest if first.lower() in words_of(forms.states) and 1 <= len(words) <= MOST_TRAIT_WORDS and plain else ""


def _put(template: str, told: dict[str, str]) -> str:
    for name, words in told.items():
        template = template.replace("{" + name + "}", words)
    return template
