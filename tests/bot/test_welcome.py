"""The first minute in a new server."""

from __future__ import annotations

from pathlib import Path

from tests.bot.scene import on_stage
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.permissions import May


async def test_a_new_server_gets_one_message_and_hears_an_example_without_any_model(tmp_path: Path) -> None:
    async with on_stage(tmp_path, works=False) as scene, scene.running() as bot:
        await bot.wait_until_ready()
        new = Neighbourhood(scene.double.house, "New", [], locale="pt-BR")
        new.invites(scene.double.bot)
        hello = await new.owner.sees("EchoTales")
        assert "história" in hello.text
        heard = await (await new.owner.press("Ouvir um exemplo", on=hello)).done()
        assert "unchanged" in heard.text
        assert heard.ephemeral
        assert heard.files[0].data[:4] == b"OggS"
        guest = new.member("Gil", locale="pt-BR")
        refused = await guest.press("Configurações", on=hello)
        await refused.until(lambda reply: "gerenciar" in reply.text)
        await (await guest.press("Privacidade", on=hello)).done()
        assert not hello.message.deleted
        assert "história" in hello.text, "the message stays as it is for all others"


async def test_where_it_may_not_write_it_stays_silent(tmp_path: Path) -> None:
    async with on_stage(tmp_path, works=False) as scene, scene.running() as bot:
        await bot.wait_until_ready()
        new = Neighbourhood(scene.double.house, "Silent", [])
        new.guild.roles[new.id].permissions &= ~int(May.SEND_MESSAGES)
        new.invites(scene.double.bot)
        ana = scene.guild.member("Ana")
        await (await ana.slash("help")).done()
        assert new.owner.screen() == []
        assert not bot.is_closed()
