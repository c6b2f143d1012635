"""A world is what its notes say together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.library.library import Library
from bot.library.records import DeliveryOptions, KeptTale, ServerSettings
from bot.library.tables import WORLD_NOTES
from bot.library.worlds import Entry, Noted, WorldOf
from bot.request_tale.recalled import entries_for, is_fit, picked
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt, Rating
from pipeline.words.sound import Artifact
from pipeline.words.story import Facts, Line, Passage, Person, Plan, Scene, Story
from pipeline.words.tale import Master, Tale
from pipeline.words.timeline import Timeline
from pipeline.words.world import Known, KnownKind, Meets, Wording, WorldPlace
from tests.bot.library.samples import told

CALM = Mood.pure(Emotion.NEUTRAL)
NONE = Artifact("0" * 64, ".wav", 1)
OURS, RULES = WorldOf("1"), ServerSettings()


def _story(
    name: str = "Renske", who: str = "a fox", seed: int = 3, recalled: tuple[Known, ...] = (), **read: str
) -> Tale:
    hero = Person(name, "hero", "f", "small_animal", who)
    facts = Facts(
        hero, place="by the old mill", things=("the soup",), people=(Person("Odile", gender="f", kind="person"),)
    )
    text = f"{name} knocked. Odile gave {name} the soup by the old mill. The door stayed open."
    plan = Plan(
        "Soup", "en", "carry", seed, Feeling(CALM), facts, (), 0,
        read={"hero": name} | read, closing="The door stayed open.", recalled=recalled,
    )  # fmt: skip
    scene = Scene(0, "home", CALM, (Passage(0, 0, text, (Line(text),), CALM),))
    story = Story("Soup", "", "en", (scene,), {name: "bf_emma", "narrator": "bm_fable"})
    return Tale(Prompt("x", seed), plan, story, Timeline(), Master(NONE, 1, 0.0, 0.0, 0.0), NONE, NONE, None)


async def _remembered(library: Library, story: Tale, rules: ServerSettings = RULES, **row: Any) -> KeptTale:
    tale = told(**row)
    await library.tales.add(tale)
    await library.worlds.remember(tale, story, rules)
    return tale


async def _people(library: Library, world: WorldOf = OURS) -> list[Entry]:
    return [one for one in await library.worlds.entries(world) if one.trace.kind is KnownKind.PERSON]


async def test_a_tale_leaves_people_place_thing_bond_and_thread_each_with_its_sentence(library: Library) -> None:
    await _remembered(library, _story())
    entries = await library.worlds.entries(OURS)
    assert {one.trace.kind for one in entries} == set(KnownKind)
    assert all(one.trace.sentence for one in entries)
    hero = next(one.trace for one in entries if one.trace.name == "Renske")
    assert (hero.gender, hero.seed, hero.said_in("en").who) == ("f", "3:Renske", "a fox")
    assert (hero.said_in("en").voice, hero.met) == ("bf_emma", ("Odile",))


async def test_somebody_told_of_twice_is_one_entry_and_keeps_voice_and_melody(library: Library) -> None:
    await _remembered(library, _story())
    again = _story(seed=9)
    story = replace(again, story=replace(again.story, cast={"Renske": "am_adam"}))
    await _remembered(library, story)
    [hero] = [one for one in await _people(library) if one.trace.name == "Renske"]
    assert (len(hero.tales), hero.trace.seed, hero.trace.said_in("en").voice) == (2, "3:Renske", "bf_emma")


async def test_a_tale_is_remembered_once(library: Library) -> None:
    tale = await _remembered(library, _story())
    assert await library.worlds.remember(tale, _story(), RULES) == 0


async def test_two_heroes_of_one_name_stay_two(library: Library) -> None:
    await _remembered(library, _story())
    await _remembered(library, _story(who="a queen", hero=""))  # this name was the tale's own idea
    assert [one.trace.name for one in await _people(library)].count("Renske") == 2


async def test_a_tale_that_others_lean_on_may_go(library: Library) -> None:
    first = await _remembered(library, _story())
    await _remembered(library, _story(seed=9))
    await library.erasing.tales([first.id])
    [hero] = [one for one in await _people(library) if one.trace.name == "Renske"]
    assert (len(hero.tales), hero.trace.seed) == (1, "9:Renske")


async def test_the_last_correction_counts_and_outlasts_tales(library: Library) -> None:
    await _remembered(library, _story())
    hero = next(one for one in await _people(library) if one.trace.name == "Renske")
    for gender, name in (("m", "Reinhard"), ("f", "Renate")):
        says = Known(name, gender=gender, wordings={"en": Wording(who="a wolf")})
        await library.worlds.note(OURS, Noted.CORRECTED, "100", [(hero.trace.id, says)])
    known = next(one for one in await _people(library) if one.trace.id == hero.trace.id)
    assert (known.trace.name, known.trace.gender, known.trace.said_in("en").who) == ("Renate", "f", "a wolf")


async def test_merged_entries_are_one_and_a_circle_of_merges_ends(library: Library) -> None:
    await _remembered(library, _story())
    await _remembered(library, _story("Reni"))
    people = {one.trace.name: one for one in await _people(library)}
    first, other = people["Renske"], people["Reni"]
    worlds = library.worlds
    await worlds.note(OURS, Noted.MERGED, "100", [(other.trace.id, Known("Renske", id=first.trace.id))])
    await worlds.note(OURS, Noted.MERGED, "100", [(first.trace.id, Known("Reni", id=other.trace.id))])
    names = [one.trace.name for one in await _people(library)]
    assert "Reni" not in names
    assert "Renske" in names


async def test_a_locked_entry_stays_as_it_is_and_a_forgotten_one_is_gone(library: Library) -> None:
    await _remembered(library, _story())
    hero = next(one for one in await _people(library) if one.trace.name == "Renske")
    await library.worlds.note(OURS, Noted.LOCKED, "100", [(hero.trace.id, Known("Renske"))])
    later = _story(seed=9)
    await _remembered(library, replace(later, plan=replace(later.plan, closing="It rained.")))
    locked = next(one for one in await _people(library) if one.trace.id == hero.trace.id)
    assert locked.locked
    assert locked.trace.said_in("en").closing == "The door stayed open."
    await library.worlds.note(OURS, Noted.FORGOTTEN, "100", [(hero.trace.id, Known("Renske"))])
    assert hero.trace.id not in [one.trace.id for one in await _people(library)]


async def test_a_world_is_seen_by_nobody_elsewhere(library: Library) -> None:
    await _remembered(library, _story())
    await _remembered(library, _story("Secret"), delivery=DeliveryOptions(only_me=True), member="7")
    await _remembered(library, _story("Hidden"), channel="66")

    async def known(server: str, member: str, *seen: str, only_me: bool = False) -> set[str]:
        found = await entries_for(library, RULES, (server, "10", member), seen, only_me=only_me)
        return {one.trace.name for one in found if one.trace.kind is KnownKind.PERSON}

    assert await known("1", "100") == {"Renske", "Odile"}
    assert await known("2", "100") == set()
    assert await known("1", "100", "66") == {"Renske", "Odile", "Hidden"}
    assert await known("1", "7", only_me=True) == {"Renske", "Odile", "Secret"}
    assert await known("1", "100", only_me=True) == {"Renske", "Odile"}


async def test_a_channel_may_have_a_world_of_its_own(library: Library) -> None:
    rules = ServerSettings(worlds=(WorldPlace("Campaign", ("10",)),))
    await _remembered(library, _story(), rules)
    assert await library.worlds.entries(OURS) == []
    assert len(await _people(library, WorldOf("1", "Campaign"))) == 2
    assert await library.worlds.worlds("1") == ["Campaign"]


async def test_an_erase_leaves_nothing_of_a_member_in_any_world(library: Library) -> None:
    await _remembered(library, _story(), member="7")
    kept = await _remembered(library, _story("Kept", who="a hen"))
    await library.erasing.member("7")
    async with library.engine.connect() as connection:
        rows = (await connection.execute(sa.select(WORLD_NOTES.c.member, WORLD_NOTES.c.tale))).all()
    assert {tuple(row) for row in rows} == {(kept.member, kept.id)}
    assert "Renske" not in [one.trace.name for one in await library.worlds.entries(OURS)]


async def test_a_server_that_wants_no_memory_has_none(library: Library) -> None:
    await _remembered(library, _story(), ServerSettings(remembers=False))
    assert await library.worlds.entries(OURS) == []


async def test_at_most_ten_rows_go_with_a_wish(library: Library) -> None:
    crowd = [
        Entry(Known(f"Ann{n}", id=str(n), wordings={"en": Wording("a fox")}), frozenset({"10"})) for n in range(10_000)
    ]
    rows, comes = picked(crowd, "the fox and the sea", "10", Meets.OFTEN, 1)
    assert len(rows) <= 10
    assert comes == ""


@pytest.mark.parametrize(
    ("meets", "least", "most"), [(Meets.NEVER, 0, 0), (Meets.SOMETIMES, 20, 80), (Meets.OFTEN, 120, 180)]
)
def test_somebody_comes_as_often_as_the_server_likes(meets: Meets, least: int, most: int) -> None:
    people = [Entry(Known("Odile", id="o"), frozenset({"10"}))]
    came = [picked(people, "a dragon opens a shop", "10", meets, seed)[1] for seed in range(200)]
    assert least <= came.count("o") <= most
    assert picked(people, "a dragon opens a shop", "11", Meets.OFTEN, 1)[1] == ""


def test_what_is_not_for_a_channel_stays_out_of_its_tales() -> None:
    rules = ServerSettings(bad_words=("gutter",))
    assert is_fit(Known("Odile", wordings={"en": Wording("a baker")}), rules, Rating.TEEN)
    assert not is_fit(Known("Odile", wordings={"en": Wording(closing="Down into the gutter.")}), rules, Rating.TEEN)
