"""Wishes as a server types them."""

from __future__ import annotations

import pytest

from pipeline.telling.plan import planned_from
from pipeline.words.mood import Emotion, Mood
from pipeline.words.prompt import Lately, Prompt
from pipeline.writing.cast_tale import Casting
from pipeline.writing.choose_frame import FrameQuery, unmet
from pipeline.writing.deeds import is_once, is_wished
from pipeline.writing.fill import filled
from pipeline.writing.fitting import fit_of, sought
from pipeline.writing.frames import FramePart, frames_in
from pipeline.writing.lexicon import lexicon_of
from pipeline.writing.read_plainly import read_plainly
from pipeline.writing.readings import WishReading
from tests.pipeline.writing.telling import CALM


@pytest.mark.parametrize(
    ("language", "wish", "hero", "who", "deed"),
    [
        ("en", "frank the crab naps on a wreck", "Frank", "the crab", "naps on a wreck"),
        ("en", "a ghost thats scared of people lol", "", "a ghost", "is scared of people"),
        ("en", "our dungeon master rolled a one", "", "our dungeon master", "rolled a one"),
        ("en", "grandma's recipe book got wet", "", "grandma's recipe book", "got wet"),
        ("en", "steve from accounting brings fish", "Steve", "", "brings fish"),
        ("pt", "a galinha q botou um ovo kkkk", "", "a galinha", "botou um ovo"),
        ("pt", "o motorista de onibus que so faz curva", "", "o motorista de ônibus", "só faz curva"),
        ("pt", "dois fantasmas discutem quem manda", "", "dois fantasmas", "discutem quem manda"),
    ],
)
def test_a_wish_in_a_hurry_is_read(language: str, wish: str, hero: str, who: str, deed: str) -> None:
    read = read_plainly(wish, language)
    assert (read.hero, read.who, read.deed) == (hero, who, deed)


@pytest.mark.parametrize(
    ("language", "wish", "own", "strange"),
    [
        ("en", "I lost my phone on the bus", "my phone", "somebody's phone"),
        ("en", "my dog ate my phone", "my phone", ""),
        ("pt", "perdi meu celular no ônibus", "meu celular", ""),
        ("pt", "um rato mora no meu armário", "meu armário", ""),
    ],
)
def test_the_narrator_owns_nothing_of_the_members(language: str, wish: str, own: str, strange: str) -> None:
    plan = planned_from(Prompt(wish, 5, 220, language), None, CALM)
    narrated = " ".join(turn for beat in plan.beats for turn in beat.turns)
    for quote in narrated.split("“")[1:]:
        narrated = narrated.replace(quote.partition("”")[0], "")
    assert own not in narrated
    assert not strange or strange not in narrated


def test_a_hero_says_my_where_the_narrator_says_her() -> None:
    frame = frames_in("en")["longing"]
    scope = Casting("en", 3).scope(WishReading(deed="miss my dad", other="my dad"), frame)
    his = scope.forms.form("his", scope.beings["N"].class_)
    assert filled("{N} missed {the T}.", scope).endswith(f"missed {his} dad.")
    assert "of my dad" in filled("@N “I was thinking of {the T},” said {N}.", scope)
    assert "the dad" in filled("@V “And where is {the T}?”", scope)


def _asked(language: str, who: str, deed: str, *, negated: bool = False, verb: str = "") -> FrameQuery:
    calm = Mood.pure(Emotion.NEUTRAL)
    reading = WishReading(who=who, deed=deed, place="in the fridge")
    return FrameQuery(
        reading, several=False, mood=calm, style=None, lately=Lately(), seed=1, verb=verb, negated=negated
    )


def test_a_frame_whose_deed_contradicts_the_wish_is_left_alone() -> None:
    frames = frames_in("en")
    assert unmet(frames["sleepless"], _asked("en", "the admin", "fell asleep", verb="fall"))
    assert not unmet(frames["sleepless"], _asked("en", "an owl", "can't fall asleep", verb="fall", negated=True))
    assert unmet(frames["lives_in"], _asked("en", "a man", "labels the eggs", verb="label"))
    assert not unmet(frames["lives_in"], _asked("en", "a man", "lives in the fridge", verb="live"))


def test_what_is_dreamed_of_or_done_once_is_told_apart_from_habits() -> None:
    assert is_wished("dreams of flying", "en")
    assert not is_wished("flies", "en")
    assert is_once("swallowed a coin", "en")
    assert not is_once("swallows coins", "en")
    assert not is_once("swallowed a coin every day", "en")
    assert is_once("engoliu uma moeda", "pt")
    assert not is_once("engole moedas", "pt")


def test_a_set_for_two_words_needs_both() -> None:
    part = FramePart({}, {}, ("deed:ate&kind:food",))
    cake, phone = (sought({"T": lexicon_of("en").being(one)}, f"ate {one}", "", "en") for one in ("a cake", "a phone"))
    assert fit_of(part, cake)
    assert not fit_of(part, phone)
