"""/listen, as members live it."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from bot.library.records import Consent
from bot.voice.listening import live_listening
from tests.bot.scene import Scene
from tests.bot.voice.listening.listens import WORDS, listens, recordings, tale_of
from tests.bot.voice.listening.speech import spoken
from tests.discord_double.people import Kind
from tests.double.calls import settled


async def test_who_consents_is_heard_and_gets_a_tale_of_what_they_said(scene: Scene) -> None:
    ana, rui = scene.guild.member("Ana"), scene.guild.member("Rui")
    await ana.joins(scene.guild.voice)
    await rui.joins(scene.guild.voice)
    async with scene.running() as bot:
        await listens(ana)
        panel = await ana.sees("Listening in")
        assert "Not heard: Ana, Rui" in panel.text or "Not heard: Rui, Ana" in panel.text
        await ana.press("I consent", on=panel)
        await asyncio.gather(ana.says(spoken()), rui.says(spoken(gender="f")))
        await panel.until(lambda seen: WORDS in seen.text, within_s=10)
        assert "Not heard: Rui" in panel.text
        session = bot.services.ears.of(scene.guild.id)
        assert session is not None
        assert session.listening is not None
        assert session.listening.hearing.opened[rui.id] == 0
        await ana.press("Done", on=panel)
        await panel.until(lambda seen: "heard it all" in seen.text, within_s=10)
        kept = await tale_of(bot, ana)
        assert kept.prompt.names == ("Ana",)
        assert kept.prompt.text, "it can be told again"
        assert not recordings(scene), "what was recorded goes when the tale is told"


@pytest.mark.slow
async def test_consent_is_remembered_where_wished_and_taken_back_with_one_press(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        consents = bot.services.library.consents
        server, me = str(scene.guild.id), str(ana.id)
        await listens(ana)
        panel = await ana.sees("Listening in")
        told = await ana.press("always here", on=panel)
        assert "whenever I am asked" in told.text
        assert await consents.has(me, Consent.LISTEN, server)
        assert await consents.has(me, Consent.FEELING, server)
        await ana.says(spoken())
        await panel.until(lambda seen: WORDS in seen.text, within_s=10)
        assert "deleted" in (await (await ana.press("Stop hearing me", on=panel)).done()).text
        await panel.until(lambda seen: WORDS not in seen.text)
        await settled(lambda: not recordings(scene))
        assert not await consents.of_member(me)
        await ana.press("Throw away", on=panel)
        await panel.until(lambda seen: "is deleted" in seen.text)
        assert not [seen for seen in ana.screen() if "line" in seen.text]


@pytest.mark.slow
async def test_silence_ends_it_and_a_remembered_voice_is_heard_at_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_listening, "QUIET_S", 1.0)
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        await bot.services.library.consents.give(str(ana.id), Consent.LISTEN, str(scene.guild.id))
        await listens(ana)
        panel = await ana.sees("Listening in")
        assert "Not heard" not in panel.text
        await ana.says(spoken())
        await panel.until(lambda seen: "heard it all" in seen.text, within_s=15)
        await tale_of(bot, ana)
        answer = await (await ana.press("Stop hearing me", on=panel)).done()
        assert "already part of a tale" in answer.text
        assert "“Delete”" in answer.text
        assert not await bot.services.library.consents.of_member(str(ana.id)), "one press, long after"


async def test_the_sign_beside_the_bots_name_is_the_truth(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running():
        me = scene.guild.me(scene.double.bot)
        await listens(ana)
        panel = await ana.sees("Listening in")
        await settled(lambda: me.voice and not me.voice.self_deaf)
        await ana.press("Throw away", on=panel)
        await panel.until(lambda seen: "is deleted" in seen.text)
        await settled(lambda: me.voice is None or me.voice.self_deaf)


async def test_late_comers_are_told_and_outsiders_can_neither_consent_nor_end_it(scene: Scene) -> None:
    ana, eva = scene.guild.member("Ana"), scene.guild.member("Eva")
    await ana.joins(scene.guild.voice)
    async with scene.running():
        await listens(ana)
        panel = await ana.sees("Listening in")
        assert "Come into" in (await eva.press("I consent", on=panel)).text
        assert "Only the member who asked me" in (await eva.press("Done", on=panel)).text
        await eva.joins(scene.guild.voice)
        await ana.sees("Eva, I am listening here")
        assert "not hear" not in (await eva.press("I consent", on=panel)).text
        await ana.press("Throw away", on=panel)
        await panel.until(lambda seen: "is deleted" in seen.text)


@pytest.mark.slow
async def test_nobody_consents_nobody_speaks_and_only_noise_end_in_a_sentence_each(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_listening, "NOTHING_S", 1.0)
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running():
        await listens(ana)
        await ana.sees("Nobody consented")
        monkeypatch.setattr(live_listening, "NOTHING_S", 4.0)
        await listens(ana)
        panel = await ana.sees("Listening in")
        await ana.press("I consent", on=panel)
        noise = np.random.default_rng(1).normal(0, 3_000, (48_000, 2)).astype(np.int16)
        await ana.says(noise)
        await ana.sees("Nobody spoke", within_s=10)
        assert not recordings(scene)


@pytest.mark.slow
async def test_put_out_nothing_is_lost(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        await listens(ana)
        panel = await ana.sees("Listening in")
        await ana.press("I consent", on=panel)
        await ana.says(spoken())
        await panel.until(lambda seen: WORDS in seen.text, within_s=10)
        scene.guild.owner.moves(scene.double.bot, None)
        await panel.until(lambda seen: "not lost" in seen.text, within_s=10)
        await tale_of(bot, ana)


async def test_who_may_not_or_sits_nowhere_is_refused_in_one_sentence(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    async with scene.running() as bot:
        told = await ana.slash("listen")
        await told.until(lambda seen: "voice channel first" in seen.text)
        await ana.joins(scene.guild.voice)
        await bot.services.library.servers.change(str(scene.guild.id), listening=False)
        told = await ana.slash("listen")
        await told.until(lambda seen: "does not want me to listen" in seen.text)


@pytest.mark.slow
async def test_what_was_read_is_shown_to_its_speaker_alone(scene: Scene) -> None:
    ana, rui = scene.guild.member("Ana"), scene.guild.member("Rui")
    for each in (ana, rui):
        await each.joins(scene.guild.voice)
    async with scene.running():
        await listens(ana)
        panel = await ana.sees("Listening in")
        await ana.press("I consent", on=panel)
        await ana.says(spoken())
        await panel.until(lambda seen: WORDS in seen.text, within_s=10)
        await ana.press("Done", on=panel)
        await panel.until(lambda seen: "heard it all" in seen.text, within_s=10)
        mine = await ana.press("What my voice told", on=panel)
        await mine.until(lambda seen: "sounds like joy" in seen.text)
        assert all(seen.ephemeral for seen in [mine.shown, *mine.followups])
        theirs = await rui.press("What my voice told", on=panel)
        assert "heard nothing of you" in theirs.text
        assert "joy" not in panel.text


async def test_who_sits_in_a_call_and_has_no_idea_may_speak_their_tale(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running():
        told = await ana.tale()
        await ana.press("Speak your tale", on=told.shown)
        panel = await ana.sees("Listening in")
        await ana.press("Throw away", on=panel)
        await panel.until(lambda seen: "is deleted" in seen.text)


@pytest.mark.slow
async def test_a_monologue_ends_at_the_limit_and_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_listening, "MOST_S", 4.0)
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        await listens(ana)
        panel = await ana.sees("Listening in")
        await ana.press("I consent", on=panel)
        await ana.says(np.concatenate([spoken()] * 2))
        await panel.until(lambda seen: "one tale can hold" in seen.text, within_s=10)
        await tale_of(bot, ana)


@pytest.mark.slow
async def test_left_alone_it_ends_and_nothing_is_lost(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_listening, "ALONE_S", 0.5)
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        await listens(ana)
        panel = await ana.sees("Listening in")
        await ana.press("I consent", on=panel)
        await ana.says(spoken())
        await ana.leaves()
        await panel.until(lambda seen: "Everybody left" in seen.text, within_s=10)
        await tale_of(bot, ana)


@pytest.mark.slow
async def test_moved_it_hears_on_and_deafened_it_says_so(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    attic = scene.guild.channel(Kind.VOICE, "Attic")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        await listens(ana)
        panel = await ana.sees("Listening in")
        await ana.press("I consent", on=panel)
        await ana.joins(attic)
        scene.guild.owner.moves(scene.double.bot, attic)
        call = bot.services.booths.call(scene.guild.id)
        await settled(lambda: call.room and call.room.id == attic.id and call.voice and call.voice.keyed)
        await ana.says(spoken())
        await panel.until(lambda seen: WORDS in seen.text and str(attic.id) in seen.text, within_s=15)
        state = scene.guild.me(scene.double.bot).voice
        assert state is not None
        state.deaf = True
        scene.guild.hall.tell(scene.guild.guild, scene.guild.me(scene.double.bot))
        await panel.until(lambda seen: "deafened" in seen.text.lower(), within_s=15)
        await ana.press("Throw away", on=panel)
        await panel.until(lambda seen: "is deleted" in seen.text)
