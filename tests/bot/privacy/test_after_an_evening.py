"""After an evening, erased is erased."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from bot.library.records import Consent
from bot.privacy.scan import traces
from tests.bot.scene import on_stage
from tests.bot.troupe import QUICK
from tests.discord_double.members.asking import Attachment
from tests.faults.stage import eventually

WISH = "canary4711 befriends a storm"
WITHIN_S = 60.0


async def test_not_a_row_and_not_a_byte_stays_of_who_told_tales_and_pressed_erase(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe=QUICK) as scene, scene.running() as bot:
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        library, privacy, me = bot.services.library, bot.services.privacy, str(ana.id)
        shown = []
        for who, wish in ((ana, WISH), (ben, f"<@{ana.id}> and a fox")):
            told = await who.tale(wish)
            shown.append(await told.shown.until(lambda seen: seen.files, within_s=WITHIN_S))
        await ana.press("Like", shown[1])
        spoken = await ana.slash("tale", file=Attachment("wish.ogg", b"OggS" + WISH.encode(), "audio/ogg"))
        await spoken.shown.until(lambda seen: seen.files, within_s=WITHIN_S)
        await library.consents.give(me, Consent.LISTEN, str(scene.guild.id))
        await library.voices.choose(me, "bm_fable")
        await library.servers.change(str(scene.guild.id), blocked_members=(me,))
        await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
        assert sum(len(things) for things in (await privacy.found(me)).values()) > 5
        assert traces(scene.home, me)
        assert traces(scene.home, "canary4711")
        mine = await library.tales.asked_by(me)
        exported = await ana.slash("privacy")
        await exported.done()
        sent = await ana.press("Take it with me", exported.shown)
        file = (await sent.shown.until(lambda one: one.files, within_s=WITHIN_S)).files[0]
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            assert len(json.loads(archive.read("library/tales.json"))) == 2
        await ana.press("Erase everything", exported.shown)
        await ana.press("Erase for good", exported.shown)
        await exported.shown.until(lambda one: "Erased everywhere" in one.text, within_s=WITHIN_S)
        assert not [things for things in (await privacy.found(me)).values() if things]
        for name in (me, "canary4711", *(tale.id for tale in mine)):
            assert traces(scene.home, name) == [], name
        [bens] = await library.tales.asked_by(str(ben.id))
        assert traces(scene.home, bens.id)
        assert shown[0].deleted


async def test_a_tale_erased_while_it_is_told_is_followed_no_more_and_never_asked_for_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe={"step_s": 0.5, "passages": 8}) as scene:
        ana = scene.guild.member("Ana")
        async with scene.running():
            await (await ana.tale(WISH)).done()
        async with scene.running() as bot:
            await eventually(lambda: bot.services.teller.open, within_s=WITHIN_S)
            await bot.services.privacy.erase_member(str(ana.id))
            await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
            assert not await bot.services.door.keepsakes(str(ana.id))
            for name in (str(ana.id), "canary4711"):
                assert traces(scene.home, name) == [], name
