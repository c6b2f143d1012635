"""Who is known stays who they are."""

from __future__ import annotations

from dataclasses import replace

from pipeline.music.motif import motif_of
from pipeline.words.prompt import Prompt
from pipeline.words.story import Plan
from pipeline.words.world import BOUND, Known, KnownKind, Wording
from pipeline.writing.told_lines import plain_text
from tests.pipeline.writing.telling import planned

CLOSING = "The pot stands on the sill, and Renske keeps it warm."
FOX = Known(
    "Renske", id="f1", gender="f", figure="small_animal", seed="3:Renske", frame="carry", met=("Odile",),
    wordings={"en": Wording("a fox", "bm_fable", closing=CLOSING, sentence="Renske knocked.")},
)  # fmt: skip
ODILE = Known("Odile", id="o1", gender="f", figure="person", wordings={"en": Wording(sentence="Odile came.")})


def _told(text: str, *known: Known, seed: int = 5, meets: str = "", language: str = "en") -> Plan:
    return planned(Prompt(text, seed, language=language, known=known, meets=meets))


def _text(made: Plan) -> str:
    return plain_text(" ".join(turn for beat in made.beats for turn in beat.turns))


def test_somebody_named_keeps_pronoun_kind_and_melody() -> None:
    for seed in range(4):
        made = _told("Renske is afraid of candles", FOX, seed=seed)
        hero = made.facts.hero
        assert (hero.name, hero.gender, hero.kind, hero.who) == ("Renske", "f", "small_animal", "a fox")
        assert motif_of(made.hero_key) == motif_of("3:Renske")
        assert "Renske" in _text(made)


def test_the_fox_is_the_fox_of_the_last_tale() -> None:
    made = _told("the fox from last week goes to the sea", FOX)
    assert made.facts.hero.name == "Renske"
    assert [one.id for one in made.recalled][:1] == ["f1"]


def test_a_fox_is_any_fox() -> None:
    made = _told("a fox goes to the sea", FOX)
    assert made.facts.hero.name != "Renske"
    assert made.recalled == ()


def test_a_queen_of_the_same_name_is_somebody_else() -> None:
    made = _told("Renske, a queen who hates soup", FOX)
    assert made.facts.hero.who == "a queen"
    assert made.recalled == ()
    assert made.hero_seed == ""


def test_who_met_the_hero_comes_by_again() -> None:
    made = _told("Renske is afraid of candles", FOX, ODILE)
    assert "Odile" in _text(made)
    assert [one.id for one in made.recalled] == ["f1", "o1"]


def test_somebody_known_comes_where_nobody_is_named_only_if_they_may() -> None:
    assert "Odile" in _text(_told("a dragon opens a shop", ODILE, meets="o1"))
    assert "Odile" not in _text(_told("a dragon opens a shop", ODILE))


def test_it_begins_where_the_last_tale_stopped_only_where_that_was_with_the_hero() -> None:
    there = "Renske keeps it warm"
    assert there in _text(_told("Renske", FOX))
    elsewhere = replace(FOX, wordings={"en": replace(FOX.said_in("en"), closing="And she could name every house.")})
    assert "every house" not in _text(_told("Renske", elsewhere))


def test_what_another_lived_through_stays_out_of_it() -> None:
    other = replace(ODILE, wordings={"en": Wording(closing="The secret lies under the third step.")})
    for seed in range(6):
        assert "third step" not in _text(_told("Renske is afraid of candles", FOX, other, seed=seed))


def test_a_name_that_is_a_word_is_nobody_where_it_is_a_word() -> None:
    rose = Known("Rose", id="r1", gender="f", figure="person", wordings={"en": Wording("a baker")})
    made = _told("a gardener finds a rose in the snow", rose)
    assert made.facts.hero.name != "Rose"


def test_somebody_known_from_another_language_keeps_name_and_pronoun() -> None:
    made = _told("Renske tem medo de velas", FOX, language="pt")
    assert (made.facts.hero.name, made.facts.hero.gender) == ("Renske", "f")
    assert "a fox" not in _text(made)


def test_the_first_word_counts_of_what_somebody_is_and_the_last_of_where_they_were() -> None:
    later = Known("Renske", gender="m", figure="person", wordings={"en": Wording("a queen", closing="Later.")})
    whole = FOX.and_then(later, BOUND)
    assert (whole.gender, whole.figure, whole.said_in("en").who) == ("f", "small_animal", "a fox")
    assert whole.said_in("en").closing == "Later."
    assert whole.kind is KnownKind.PERSON
