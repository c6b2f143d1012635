"""What a prompt gives its tale."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.words.prompt import Before, Lately, Prompt
from pipeline.writing.facts import Given, facts_of
from pipeline.writing.tongue import tongues


def given(text: str, language: str, seed: int = 3, **more: Any) -> Given:
    return facts_of(text, Prompt(text, seed, **more), tongues()[language])


@pytest.mark.parametrize(
    ("language", "text", "hero", "role", "wish"),
    [
        ("en", "An old robot named Tuk wants to hear rain", "Tuk", "an old robot", "hear rain"),
        ("en", "Captain Mora and her parrot search for a lost island", "Captain Mora", "", "find a lost island"),
        ("pt", "Uma menina chamada Bia quer um amigo", "Bia", "uma menina", "ter um amigo"),
        ("es", "Lucía busca una estrella en el desierto", "Lucía", "", "encontrar una estrella en el desierto"),
        ("fr", "Une fille nommée Zélie veut apprivoiser le vent", "Zélie", "une fille", "apprivoiser le vent"),
        ("de", "Mira, eine junge Bäckerin, will den Mond besuchen", "Mira", "eine junge Bäckerin", "den Mond besuchen"),
        ("it", "Una bambina di nome Pia vuole trovare il mare", "Pia", "una bambina", "trovare il mare"),
    ],
)
def test_hero_role_and_wish_are_read_in_every_language(
    language: str, text: str, hero: str, role: str, wish: str
) -> None:
    found = given(text, language)
    assert (found.facts.hero.name, found.role, found.facts.wish) == (hero, role, wish)


def test_whom_the_prompt_brings_together_with_the_hero_is_the_helper() -> None:
    found = given("A lighthouse keeper befriends a storm", "en")
    assert found.facts.helper is not None
    assert (found.facts.helper.name, found.helper_as_met) == ("the storm", "a storm")


def test_another_named_person_helps_and_the_rest_are_kept() -> None:
    facts = given("Anna, Boris, Chloe and Dmitri build a bridge", "en").facts
    assert facts.hero.name == "Anna"
    assert facts.helper is not None
    assert facts.helper.name == "Boris"
    assert [one.name for one in facts.people] == ["Chloe", "Dmitri"]


def test_twelve_heroes_are_all_kept() -> None:
    names = ["Ada", "Bo", "Cleo", "Dov", "Eli", "Fay", "Gus", "Hal", "Ike", "Jo", "Kim", "Lea"]
    facts = given(", ".join(names[:-1]) + " and Lea share a boat", "en").facts
    assert facts.helper is not None
    assert [facts.hero.name, facts.helper.name, *(one.name for one in facts.people)] == names


def test_things_keep_their_articles_and_the_place_is_no_thing() -> None:
    facts = given("A boy hides a silver flute and a golden egg in the forest", "en").facts
    assert facts.things == ("a silver flute", "a golden egg")
    assert facts.place == "in the forest"


def test_who_somebody_is_is_no_thing() -> None:
    assert given("Mira the baker climbs to a fallen star", "en").facts.things == ("a fallen star",)


def test_an_invented_hero_is_one_the_server_has_not_met_lately() -> None:
    names = [name.partition(":")[0] for name in tongues()["en"].names]
    lately = Lately(heroes=tuple(names[:-1]))
    assert {given("rain", "en", seed, lately=lately).facts.hero.name for seed in range(20)} == {names[-1]}


def test_a_role_with_a_gender_is_given_a_name_of_it() -> None:
    women = {name.partition(":")[0] for name in tongues()["fr"].names if name.endswith(":f")}
    assert {given("Une horlogère", "fr", seed).facts.hero.name for seed in range(12)} <= women


def test_a_sequel_keeps_hero_and_helper() -> None:
    known = {"hero": "Mira", "helper": "the owl", "place": "on the moon", "wish": "fly"}
    before = Before("Mira", known, "Mira flew.", {})
    facts = given("they go to the sea", "en", before=before).facts
    assert facts.hero.name == "Mira"
    assert facts.helper is not None
    assert facts.helper.name == "the owl"
    assert facts.place == "on the moon"
