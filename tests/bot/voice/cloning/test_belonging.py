"""A learnt voice is its owner's."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from bot.actions.clone_job import delete, keep
from bot.client import TaleBot
from bot.library.backup import back_up
from bot.library.records import KeptTale, KeptVoice
from bot.library.restore import restore
from pipeline.words.sound import Artifact
from tests.bot.scene import Scene
from tests.bot.voice.cloning.learns import cloning, learnt
from tests.bot.voice.listening.speech import spoken
from tests.discord_double.members.person import Person
from tests.discord_double.members.shown import Shown


async def given(bot: TaleBot, who: Person, *servers: str) -> KeptVoice:
    """A voice as the check leaves it: what was learnt is a file, the recording is gone."""
    artifacts = bot.services.artifacts
    data = artifacts(f"learnt of {who.id} {uuid.uuid4().hex}".encode(), ".npz")
    spoken_once = Artifact(uuid.uuid4().hex * 2, ".wav", 9)
    name = f"learnt-{spoken_once.sha256[:32]}"
    voice = KeptVoice(name, str(who.id), "Ana's voice", "en", spoken_once, data, servers=servers)
    await keep(bot.services.library, bot.services.privacy, voice)
    return voice


async def last_of(bot: TaleBot, who: Person) -> KeptTale:
    tales = await bot.services.library.tales.asked_by(str(who.id))
    return max(tales, key=lambda tale: tale.asked_at)


async def test_a_tale_of_its_owner_carries_it_and_nobody_elses_does_until_it_is_shared(bare: Scene) -> None:
    ana, rui, eva = (bare.guild.member(name) for name in ("Ana", "Rui", "Eva"))
    async with cloning(bare) as bot:
        voice = await given(bot, ana)
        assert voice.id in [each["value"] for each in await ana.typing("tale", "voice", "")]
        assert voice.id not in [each["value"] for each in await rui.typing("tale", "voice", "")]
        await (await ana.tale("a lighthouse", voice=voice.id)).done()
        mine = (await last_of(bot, ana)).prompt
        assert (mine.voice, mine.learnt) == (voice.id, voice.learnt)
        await (await rui.tale("a lighthouse", voice=voice.id)).done()
        his = (await last_of(bot, rui)).prompt
        assert (his.voice, his.learnt) == (None, None), "the cast chooses, and nothing tells that there is such a voice"
        shown = await (await ana.slash("voice clone")).done()
        await ana.press("Share with this server", on=shown)
        await shown.until(lambda seen: "Everybody in this server" in seen.text)
        assert voice.id in [each["value"] for each in await eva.typing("tale", "voice", "ana")]
        await (await eva.tale("a lighthouse", voice=voice.id)).done()
        assert (await last_of(bot, eva)).prompt.learnt == voice.learnt
        await ana.press("For me alone again", on=shown)
        await shown.until(lambda seen: "Nobody but you" in seen.text)
        assert await bot.services.library.voices.get(voice.id, str(eva.id), str(bare.guild.id)) is None


@pytest.mark.slow
async def test_a_tale_told_again_by_another_is_told_by_another_voice(scene: Scene) -> None:
    ana, rui = scene.guild.member("Ana"), scene.guild.member("Rui")
    async with cloning(scene) as bot:
        voice = await given(bot, ana)
        told = await ana.tale("a lighthouse", voice=voice.id)
        card = await told.shown.until(lambda seen: "Another mood" in _labels(seen), within_s=60)
        asked = await rui.press("Another mood", on=card)
        await (await rui.press(asked.shown.buttons[0].label, on=asked.shown)).done()
        again = (await last_of(bot, rui)).prompt
        assert again.text == "a lighthouse"
        assert (again.voice, again.learnt) == (None, None)


async def test_one_tap_deletes_it_with_its_file_though_a_tale_was_told_with_it(bare: Scene) -> None:
    ana, rui = bare.guild.member("Ana"), bare.guild.member("Rui")
    async with cloning(bare) as bot:
        library, server = bot.services.library, str(bare.guild.id)
        voice = await given(bot, ana, server)
        assert voice.learnt is not None
        file = bot.services.artifacts.path(voice.learnt)
        for who in (ana, rui):
            await library.voices.choose(str(who.id), voice.id)
            await (await who.tale("a lighthouse", voice=voice.id)).done()
        await _told_with(bot, rui, voice)
        shown = await (await ana.slash("voice clone")).done()
        await ana.press("Delete my voice", on=shown)
        await shown.until(lambda seen: "Your voice is deleted" in seen.text)
        assert not file.exists()
        assert not list(bare.home.rglob(f"{voice.learnt.sha256}*"))
        assert not await library.voices.every()
        assert [await library.voices.chosen(str(who.id)) for who in (ana, rui)] == ["", ""]
        assert not await library.consents.of_member(str(ana.id))


async def test_it_goes_with_its_owner_though_others_told_with_it(bare: Scene) -> None:
    ana, rui = bare.guild.member("Ana"), bare.guild.member("Rui")
    async with cloning(bare) as bot:
        voice = await given(bot, ana, str(bare.guild.id))
        assert voice.learnt is not None
        await (await rui.tale("a lighthouse", voice=voice.id)).done()
        await _told_with(bot, rui, voice)
        await bot.services.privacy.erase_member(str(ana.id))
        assert not list(bare.home.rglob(f"{voice.learnt.sha256}*"))
        assert not await bot.services.library.voices.every()


async def test_a_server_that_goes_ends_the_sharing_and_leaves_the_owner_their_voice(bare: Scene) -> None:
    ana = bare.guild.member("Ana")
    async with cloning(bare) as bot:
        voice = await given(bot, ana, str(bare.guild.id))
        await bot.services.privacy.erase_server(str(bare.guild.id))
        assert (await learnt(bot, ana)).servers == ()
        assert voice.learnt is not None
        assert bot.services.artifacts.path(voice.learnt).exists()


async def test_leave_taken_back_in_privacy_deletes_it_too(bare: Scene) -> None:
    ana = bare.guild.member("Ana")
    async with cloning(bare) as bot:
        await given(bot, ana)
        shown = await (await ana.slash("privacy")).done()
        assert "Voices learnt from you: 1" in shown.text
        await ana.choose("My voice learnt", on=shown)
        await shown.until(lambda seen: "Voices learnt" not in seen.text)
        assert not await bot.services.library.voices.every()


@pytest.mark.slow
async def test_one_learnt_anew_takes_the_place_of_the_one_before(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with cloning(scene) as bot:
        old = await given(bot, ana)
        await bot.services.library.voices.choose(str(ana.id), old.id)
        shown = await (await ana.slash("voice clone")).done()
        await ana.press("Read again", on=shown)
        await shown.until(lambda seen: "> **" in seen.text)
        await ana.press("I consent: listen to me", on=shown)
        await shown.until(lambda seen: "Please read now" in seen.text, within_s=15)
        await ana.says(spoken("My own voice, once more."))
        await shown.until(lambda seen: "I have learnt your voice" in seen.text, within_s=60)
        new = await learnt(bot, ana)
        assert new.id != old.id
        assert await bot.services.library.voices.chosen(str(ana.id)) == new.id
        assert old.learnt is not None
        assert not list(scene.home.rglob(f"{old.learnt.sha256}*"))


async def test_a_backup_brings_no_voice_back_that_was_deleted(bare: Scene, tmp_path: Path) -> None:
    ana = bare.guild.member("Ana")
    async with cloning(bare) as bot:
        library = bot.services.library
        voice = await given(bot, ana)
        kept = tmp_path / "backups" / "before.zip"
        kept.parent.mkdir(exist_ok=True)
        await back_up(library, bare.home / "artifacts", kept)
        await delete(library, bot.services.privacy, str(ana.id))
        await restore(library, bot.services.artifacts, kept)
        assert voice.learnt is not None
        assert not await library.voices.every()
        assert not list((bare.home / "artifacts").rglob(f"{voice.learnt.sha256}*"))


def _labels(shown: Shown) -> list[str | None]:
    return [each.label for each in shown.buttons]


async def _told_with(bot: TaleBot, who: Person, voice: KeptVoice) -> None:
    """A finished tale that names the voice, as every tale names all that it was made of."""
    tale = await last_of(bot, who)
    assert voice.learnt is not None
    whole = bot.services.artifacts(f'{{"sha256": "{voice.learnt.sha256}", "of": "{tale.id}"}}'.encode(), ".json")
    await bot.services.library.tales.change(tale.id, artifact=whole)
