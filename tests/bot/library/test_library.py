"""What was kept is found again."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.library.database import VERSION_TABLE
from bot.library.library import Library, open_library
from bot.library.records import (
    Consent,
    DeliveryOptions,
    KeptTale,
    KeptVoice,
    Music,
    TaleState,
    TextShown,
    Viewer,
    Where,
)
from bot.library.rows import Rows
from bot.library.tables import CHOSEN, METADATA, SERVERS
from pipeline.errors import Damaged, Missing, Refused
from pipeline.words.prompt import Lately, Prompt, Rating, Speaking
from pipeline.words.sound import Artifact
from tests.bot.library.samples import told, wished

SOUND = Artifact("ab" * 32, ".json", 12)
KEY = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


async def test_a_tale_comes_back_as_it_was_kept(library: Library) -> None:
    tale = wished(
        prompt=Prompt("um farol", seed=2**62, rating=Rating.TEEN, lately=Lately(openings=("Once",))),
        delivery=DeliveryOptions(Where.HERE, only_me=True, text=TextShown.SPOILER, locale="pt-BR"),
        artifact=SOUND,
        delivered=("1", "2"),
        interaction_token="secret",
        hearts=17,
    )
    await library.tales.add(tale)
    await library.tales.add(tale)
    assert await library.tales.get(tale.id) == tale
    assert await library.tales.open_ones() == [tale]


async def test_a_change_is_seen_by_who_opens_the_library_next(where: str | Path) -> None:
    tale = wished()
    async with open_library(where) as library:
        await library.tales.add(tale)
        changed = await library.tales.change(tale.id, card_message="9", hearts=3)
        assert (changed.card_message, changed.hearts) == ("9", 3)
    async with open_library(where) as library:
        assert await library.tales.get(tale.id) == changed


async def test_a_tale_that_is_gone_is_not_changed(library: Library) -> None:
    with pytest.raises(Missing, match="tale_gone"):
        await library.tales.change("nobody", title="x")
    with pytest.raises(Missing, match="tale_gone"):
        await library.tales.heart("nobody", "100")


async def test_a_heart_pressed_twice_is_taken_back(library: Library) -> None:
    tale = told()
    await library.tales.add(tale)
    assert [await library.tales.heart(tale.id, who) for who in ("1", "2", "1")] == [1, 2, 1]
    kept = await library.tales.get(tale.id)
    assert kept is not None
    assert kept.hearts == 1


async def test_lists_come_in_pages_the_newest_first(library: Library) -> None:
    for at in range(12):
        await library.tales.add(told(title=f"T{at}", finished_at=float(at)))
    viewer = Viewer("100", "1", frozenset({"10"}))
    pages = [await library.tales.of_server(viewer, number) for number in range(3)]
    assert [[one.title for one in page.tales] for page in pages] == [
        ["T11", "T10", "T9", "T8", "T7"],
        ["T6", "T5", "T4", "T3", "T2"],
        ["T1", "T0"],
    ]
    assert [page.more for page in pages] == [True, True, False]


@pytest.mark.parametrize("words", ["agua", "ÁGUA lamp", "keeper", "the lamp"])
async def test_search_reads_title_and_text_whatever_the_accents(library: Library, words: str) -> None:
    await library.tales.add(told())
    await library.tales.add(told(title="Other", text="Nothing of that 100%."))
    found = await library.tales.search(Viewer("100", "1", frozenset({"10"})), words)
    assert [one.title for one in found.tales] == ["The Lamp"]


async def test_search_takes_signs_for_signs(library: Library) -> None:
    await library.tales.add(told(text="Nothing of that."))
    for words in ("%", "_", "", "  ", "' or 1=1 --"):
        assert not (await library.tales.search(Viewer("100", "1", frozenset({"10"})), words)).tales


async def test_the_next_tale_knows_what_the_last_ones_used(library: Library) -> None:
    await library.tales.add(told(finished_at=1.0))
    await library.tales.add(told(finished_at=2.0, hero="Ana", shape="quest", opening="Rain fell."))
    await library.tales.add(told(server="2", hero="Stranger"))
    await library.tales.add(told(server="", member="7", hero="Private"))
    lately = await library.tales.lately("1")
    assert lately == Lately(("Rain fell.", "Água rose."), ("Ana", "Mira"), ("quest", "fable"))
    assert (await library.tales.lately("", "7")).heroes == ("Private",)
    assert (await library.tales.lately("", "8")) == Lately()


async def test_a_server_decides_and_keeps_its_defaults(where: str | Path) -> None:
    async with open_library(where) as library:
        assert not (await library.servers.of("1")).cloning
        await library.servers.change("1", music=Music.SOFT, roles=("5", "6"), rating=Rating.ALL)
        changed = await library.servers.change("1", say_as=(("Mira", "Mee-ra"),))
    async with open_library(where) as library:
        assert await library.servers.of("1") == changed
        assert changed.roles == ("5", "6")
        assert (await library.servers.of("2")).roles == ()
        assert list(await library.servers.decided()) == ["1"]


async def test_a_knob_of_another_version_is_passed_over(library: Library) -> None:
    async with library.engine.begin() as connection:
        settings = json.dumps({"rating": "all", "from_tomorrow": 3})
        await connection.execute(sa.insert(SERVERS).values(server="1", settings=settings, left_at=0.0))
    assert (await library.servers.of("1")).rating == Rating.ALL


async def test_a_server_that_was_left_is_known_until_the_bot_is_back(library: Library) -> None:
    await library.servers.left("1", at=50.0)
    assert await library.servers.gone_since(100.0) == ["1"]
    assert await library.servers.gone_since(50.0) == []
    await library.servers.came_back("1")
    assert await library.servers.gone_since(100.0) == []


async def test_a_learnt_voice_is_its_owners_and_of_servers_they_named(library: Library) -> None:
    voice = KeptVoice("learnt-1", "100", "Me", "en", SOUND, learnt=SOUND, servers=("1",), made_at=1.0)
    await library.voices.add(voice)
    assert await library.voices.get("learnt-1", "100") == voice
    assert await library.voices.get("learnt-1", "200", "1") == voice
    assert await library.voices.get("learnt-1", "200", "2") is None
    assert await library.voices.get("learnt-1", "200") is None
    assert not await library.voices.remove("learnt-1", "200")
    assert await library.voices.remove("learnt-1", "100")
    assert await library.voices.of_member("100") == []


async def test_a_chosen_voice_stays_chosen_until_another_is(library: Library) -> None:
    await library.voices.choose("100", "bm_fable")
    await library.voices.choose("100", "af_heart")
    assert await library.voices.chosen("100") == "af_heart"
    await library.voices.choose("100", "")
    assert await library.voices.chosen("100") == ""


async def test_the_usual_voice_is_a_running_mean(library: Library) -> None:
    for features in ([1.0, 4.0], [3.0, 0.0]):
        await library.voices.hear("100", features)
    assert await library.voices.usual("100") == (2.0, 2.0)
    assert await library.voices.usual("200") == ()


async def test_a_consent_holds_where_it_was_given(library: Library) -> None:
    await library.consents.give("100", Consent.LISTEN, "1")
    await library.consents.give("100", Consent.LISTEN, "1")
    assert await library.consents.has("100", Consent.LISTEN, "1")
    assert not await library.consents.has("100", Consent.LISTEN, "2")
    assert not await library.consents.has("100", Consent.CLONE, "1")
    await library.consents.give("100", Consent.FEELING)
    assert await library.consents.has("100", Consent.FEELING, "2")
    assert len(await library.consents.of_member("100")) == 2
    await library.consents.withdraw("100", [Consent.LISTEN])
    assert not await library.consents.has("100", Consent.LISTEN, "1")


async def test_what_migrations_make_is_what_the_code_reads(library: Library) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        names = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "include_name": lambda name, *_: name != VERSION_TABLE},
        )
        return list(compare_metadata(names, METADATA))

    async with library.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_voice_and_a_manner_are_chosen_each_for_itself(library: Library) -> None:
    voices, slow = library.voices, Speaking(pace=0.8, curve="slow ... hush")
    await voices.manner("100", replace(slow, say_as=(("Nyx", "nicks"),)))
    assert (await voices.chosen("100"), await voices.speaking("100")) == ("", slow)
    await voices.choose("100", "bm_fable")
    assert (await voices.chosen("100"), await voices.speaking("100")) == ("bm_fable", slow)
    await voices.choose("100", "")
    assert await voices.speaking("100") == slow
    await voices.manner("100", Speaking())
    async with library.engine.connect() as connection:
        assert (await connection.execute(sa.select(CHOSEN))).all() == []


async def test_a_library_of_the_first_version_keeps_the_voices_it_has(tmp_path: Path) -> None:
    async with open_library(tmp_path) as library:
        await library.voices.choose("100", "bm_fable")
        async with library.engine.begin() as connection:
            for table in ("api_keys", "heard", "scenes", "world_notes"):
                await connection.execute(sa.text(f"drop table {table}"))
            await connection.execute(sa.text("drop index tales_by_first"))
            await connection.execute(sa.text("alter table tales drop column first"))
            await connection.execute(sa.text("alter table chosen_voices drop column speaking"))
            await connection.execute(sa.text(f"update {VERSION_TABLE} set version_num='0001'"))
    async with open_library(tmp_path) as library:
        assert await library.voices.chosen("100") == "bm_fable"
        assert await library.voices.speaking("100") == Speaking()


async def test_with_a_key_no_word_lies_readable_and_all_is_found(where: str | Path) -> None:
    async with open_library(where, key=KEY) as library:
        await library.tales.add(told(prompt=Prompt("zanzibar", seed=1), interaction_token="zanzibar"))
        await library.voices.hear("100", [1.0, 2.0])
        assert (await library.voices.usual("100")) == (1.0, 2.0)
        found = await library.tales.search(Viewer("100", "1", frozenset({"10"})), "AGUA")
        assert [one.prompt.text for one in found.tales] == ["zanzibar"]
        async with library.engine.connect() as connection:
            row = str((await connection.execute(sa.text("select * from tales"))).first())
        assert not [word for word in ("zanzibar", "rose", "Lamp", "Mira") if word in row]
    async with open_library(where) as library:
        with pytest.raises(Damaged, match="seal_broken"):
            await library.tales.of_member(Viewer("100"))
    with pytest.raises(Refused, match="data_key_invalid"):
        async with open_library(where, key="short"):
            pass


async def test_an_open_tale_waits_in_its_own_line(library: Library) -> None:
    await library.tales.add(wished(server="1", asked_at=1.0))
    await library.tales.add(wished(server="2", asked_at=2.0))
    await library.tales.add(wished(server="", member="7", asked_at=3.0))
    await library.tales.add(told(server="1", state=TaleState.FAILED))
    assert [one.asked_at for one in await library.tales.waiting("1")] == [1.0]
    assert [one.asked_at for one in await library.tales.waiting("", "7")] == [3.0]
    assert await library.tales.waiting("", "8") == []


async def test_a_sealed_library_is_searched_beside_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_on: set[int] = set()
    tale_of = Rows.tale

    def noted(self: Rows, row: sa.RowMapping) -> KeptTale:
        opened_on.add(threading.get_ident())
        return tale_of(self, row)

    async with open_library(tmp_path, KEY) as library:
        await library.tales.add(told(member="100", title="The Lamp"))
        monkeypatch.setattr(Rows, "tale", noted)
        page = await library.tales.search(Viewer("100"), "lamp")
        assert [one.title for one in page.tales] == ["The Lamp"]
    assert threading.get_ident() not in opened_on
