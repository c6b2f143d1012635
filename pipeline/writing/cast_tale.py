"""People and things of one tale."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from itertools import dropwhile

from pipeline.writing.deeds import deed_forms, verb_of
from pipeline.writing.fill import HERO, Scope, filled
from pipeline.writing.forms import Forms, body_of, forms_of, is_determiner
from pipeline.writing.frames import TaleFrame
from pipeline.writing.heroes import Hero, Heroes
from pipeline.writing.lexicon import ALIVE, Being, Lexicon, head_words, lexicon_of
from pipeline.writing.names import parted
from pipeline.writing.readings import WishReading
from pipeline.writing.seeds import choice
from pipeline.writing.speaker_words import is_mine, of_hero, retold
from pipeline.writing.tongue import words_of

THING, OTHER, PLACE, TWO = "T", "O", "L", ("A", "B")
PLACE_SLOT = "place"
"""The place as the wish says it, preposition and all."""
MOST_TRAIT_WORDS = 4
GONE = "gone"
"""What a frame about somebody who is gone calls them."""


class Casting:
    """One tale's people and things, in one language, by one seed."""

    def __init__(
        self, language: str, seed: int, unwanted: Collection[str] = (), kinds: Mapping[str, str] | None = None
    ) -> None:
        """`kinds` are guesses for phrases whose noun stands in no row."""
        self.language, self._seed = language, seed
        self.forms: Forms = forms_of(language)
        self.lexicon: Lexicon = lexicon_of(language)
        self._kinds = kinds or {}
        self._heroes = Heroes(language, seed, unwanted)
        self._beings: dict[str, Being] = {}
        """By phrase: every frame looks at the same few."""

    def heroes(self, reading: WishReading, frame: TaleFrame | None = None) -> list[Hero]:
        """Whom the wish names, or somebody invented; two where the frame needs two."""
        return self._heroes.heroes(reading, frame)

    def scope(self, reading: WishReading, frame: TaleFrame) -> Scope:
        """Everything the frame can ask for."""
        reading = self.suited(reading, frame)
        heroes = self._invented_for(frame) if self._is_about_hero(reading, frame) else self.heroes(reading, frame)
        hero = heroes[0] if len(heroes) == 1 else self._heroes.together(heroes)
        beings = {HERO: hero.being, **dict(zip(TWO, (one.being for one in heroes), strict=False))}
        beings |= self._owned(self.matters(reading, frame), reading, frame, hero.being)
        words = frozenset(head_words(hero.who or hero.being.the, self.forms))
        own = hero.being if _speaks_of_self(reading) else None
        put = {
            part: retold(getattr(reading, part), self.lexicon, self.forms, own) for part in ("deed", "place", "state")
        }
        reading = replace(reading, **put)
        deed = deed_forms(reading.deed, self.language)
        scope = Scope(
            self.language, self.forms, body_of(self.language, words, hero.being.kind), beings, {}, self._seed, deed
        )
        return replace(scope, own=self._introduced(hero, scope, reading, frame), tag=frame.tag_of(reading.deed))

    def suited(self, reading: WishReading, frame: TaleFrame) -> WishReading:
        """What the wish says, each part in the place where this frame looks for it."""
        reading = replace(reading, who=self._small(reading.who))
        reading = self._with_things_apart(reading) if frame.about.living else reading
        return self._with_one_beside(reading, frame)

    def matters(self, reading: WishReading, frame: TaleFrame) -> dict[str, Being]:
        """The frame's {T}, and the wish's other one and place."""
        phrase = self._phrase(reading, frame)
        thing = self._being(phrase) if phrase else self._own_thing(frame)
        found = {THING: thing} if thing else {}
        if reading.other and reading.other != phrase:
            found[OTHER] = self._being(reading.other)
        place = self._place(reading)
        return found | ({PLACE: self._being(place)} if place and place != phrase else {})

    def _owned(
        self, matters: dict[str, Being], reading: WishReading, frame: TaleFrame, hero: Being
    ) -> dict[str, Being]:
        """With `her father` for `my father`, where the hero stands for whoever wishes."""
        if not _speaks_of_self(reading) or self._is_about_hero(reading, frame):
            return matters
        said = {THING: self._phrase(reading, frame), OTHER: reading.other}
        mine = {key: phrase for key, phrase in said.items() if key in matters and is_mine(phrase, self.forms)}
        return matters | {key: of_hero(matters[key], phrase, self.forms, hero) for key, phrase in mine.items()}

    def _place(self, reading: WishReading) -> str:
        """Without what leads to it: the garden of `at the end of the garden`."""
        small = words_of(self.forms.places) | words_of(self.forms.links)
        return " ".join(dropwhile(lambda word: word.lower() in small, reading.place.split()))

    def _phrase(self, reading: WishReading, frame: TaleFrame) -> str:
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
        if phrase not in self._beings:
            being = self.lexicon.being(phrase)
            known = being if being.kind else replace(being, kind=self._kinds.get(phrase, ""))
            self._beings[phrase] = self._heroes.somebody(known)
        return self._beings[phrase]

    def _own_thing(self, frame: TaleFrame) -> Being | None:
        """One of those that the frame's sets are for, where it needs one and the wish names none."""
        if "thing" not in frame.about.needs:
            return None
        names = _things_of(self.language, tuple(one.fits for one in frame.sets))
        return self.lexicon.being(choice(names, self._seed, "matter")) if names else None

    def _is_about_hero(self, reading: WishReading, frame: TaleFrame) -> bool:
        """Whether the wish's hero is what the tale is about, and somebody else its hero."""
        if frame.about.matter == "comer":
            return verb_of(reading.deed, self.language) in frame.verbs
        return frame.about.matter == "hero"

    def _with_one_beside(self, reading: WishReading, frame: TaleFrame) -> WishReading:
        """Of `the moon and the firefly become friends` the second is the other one, where the frame asks for one."""
        whos, needed = parted(reading.who, self.forms), "other" in frame.about.needs
        if reading.other or not (needed or frame.about.matter == "other"):
            return reading
        if len(whos) > 1 and not reading.hero:
            return replace(reading, who=whos[0], other=whos[1])
        return replace(reading, other=reading.thing, thing="") if needed else reading  # who is taught, be it the wind

    def _with_things_apart(self, reading: WishReading) -> WishReading:
        """A clock that the wish puts first is what somebody finds, not who finds it."""
        noun = self.lexicon.find(reading.who) if reading.who and not reading.hero else None
        return replace(reading, who="", thing=reading.who) if noun and noun.kind not in ALIVE else reading

    def _invented_for(self, frame: TaleFrame) -> list[Hero]:
        return [self._heroes.anybody()] if "two" not in frame.about.needs else self._heroes.pair("")

    def _introduced(self, hero: Hero, scope: Scope, reading: WishReading, frame: TaleFrame) -> dict[str, str]:
        """How the hero is met, in the ways that frames ask for."""
        name = hero.being.the
        who = hero.who if hero.named else hero.being.one
        told = {"name": hero.being.bare if hero.named else name, "who": who}
        both = bool(hero.named and hero.who)
        alone = f"{name} {reading.state if reading.hero else ''}".strip() if hero.named else who
        own = self._said(reading) | {
            "who": who or self.forms.nobody.get(hero.being.class_, name),
            "intro": filled(_put(self.forms.named, told), scope) if both else alone,
            "N_who": filled(_put(self.forms.aside, told), scope) if both else alone,
        }
        if self._is_about_hero(reading, frame) and reading.hero:
            own[GONE] = reading.hero
        return own

    def trait(self, reading: WishReading) -> str:
        """What the hero is like, in the wish's words."""
        return self.lexicon.trait(reading.who) or _quality(reading.deed, self.forms)

    def _said(self, reading: WishReading) -> dict[str, str]:
        """What the wish says beside people and things, as it says it."""
        trait = self.trait(reading)
        place = reading.place[:1].lower() + reading.place[1:]
        return {key: value for key, value in (("place", place), ("trait", trait)) if value}

    def _small(self, who: str) -> str:
        """`Two knights` as it stands inside a sentence."""
        first = who.partition(" ")[0]
        begins = is_determiner(first, self.forms) or first.lower() in words_of(self.forms.numerals)
        return who[:1].lower() + who[1:] if begins else who


def _speaks_of_self(reading: WishReading) -> bool:
    """Whether nobody is named who does it: `lost my phone`."""
    return not reading.hero and not reading.who and bool(reading.deed)


@cache
def _things_of(language: str, fits: Collection[tuple[str, ...]]) -> list[str]:
    """The nouns that sets are for, by their first name."""
    known = (word for one in fits for word in one if ":" not in word)
    return [noun.names[0] for word in known if (noun := lexicon_of(language).find(word.rstrip("*")))]


def _quality(deed: str, forms: Forms) -> str:
    """`is very shy` as `very shy`."""
    first, _, rest = deed.partition(" ")
    words = rest.split()
    plain = not any(is_determiner(word, forms) or word.lower() in words_of(forms.links) for word in words)
    return rest if first.lower() in words_of(forms.states) and 1 <= len(words) <= MOST_TRAIT_WORDS and plain else ""


def _put(template: str, told: dict[str, str]) -> str:
    for name, words in told.items():
        template = template.replace("{" + name + "}", words)
    return template
