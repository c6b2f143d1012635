"""The little Discord in a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.discord_double import sandbox
from tests.discord_double.demo import DemoBot, build
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members.asking import Attachment
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.window.page import Page
from tests.discord_double.window.typed import read_line
from tests.double.browser import Browser, browser

COMMANDS = [
    {
        "name": "tale",
        "options": [
            {"name": "prompt", "type": 3, "required": True},
            {"name": "mood", "type": 3, "choices": [{"name": "Eerie", "value": "eerie"}]},
            {"name": "scenes", "type": 4},
            {"name": "file", "type": 11},
        ],
    },
    {"name": "voice", "options": [{"name": "clone", "type": 1, "options": [{"name": "as", "type": 3}]}]},
]


@pytest.mark.parametrize(
    ("line", "path", "options"),
    [
        ("/tale a fox", "tale", {"prompt": "a fox"}),
        (
            "/tale at 10:30, a fox mood: Eerie scenes: 3",
            "tale",
            {"prompt": "at 10:30, a fox", "mood": "eerie", "scenes": 3},
        ),
        ("/tale prompt: a fox", "tale", {"prompt": "a fox"}),
        ("/voice clone Grandma", "voice clone", {"as": "Grandma"}),
        ("/nothing at all", "nothing", {}),
    ],
)
def test_a_typed_line_is_read_as_a_command(line: str, path: str, options: dict[str, object]) -> None:
    assert read_line(line, COMMANDS, []) == (path, options)


def test_a_file_fills_the_option_that_wants_one() -> None:
    file = Attachment("voice.ogg", b"OggS")
    assert read_line("/tale a fox", COMMANDS, [file])[1] == {"prompt": "a fox", "file": file}


def test_a_bot_that_is_not_there_is_said_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert sandbox.main(["--bot", "tests.no_such_bot:build"]) == 2
    assert capsys.readouterr().out.count("\n") == 1
    assert sandbox.find(sandbox.DEMO) is build
    assert sandbox.find("tests.discord_double.demo:nothing") is None


REMEMBER = "window.past = ''; new MutationObserver(() => { past += document.getElementById('messages').innerText; })"
REMEMBER += ".observe(document.documentElement, { childList: true, subtree: true })"
TYPE = "(async (text) => {{ const line = document.getElementById('line'); line.value = text; line.oninput(); "
TYPE += "document.getElementById('compose').requestSubmit(); }})({!r})"
LOG = "document.getElementById('messages').innerText"
PRESS = "[...document.querySelectorAll('#messages button')].filter((b) => b.textContent.includes({!r})).pop().click()"


@pytest.fixture
async def page(double: LoopbackDiscord, guild: Neighbourhood, bot: DemoBot) -> AsyncIterator[Page]:
    """The sandbox's page before the demo bot."""
    served = Page(double, guild)
    await served.open(0)
    yield served
    await served.close()


async def test_the_page_is_for_this_machine_and_its_socket_for_the_page(page: Page) -> None:
    address = f"http://127.0.0.1:{page.port}"
    async with aiohttp.ClientSession() as web:
        assert (await web.get(address + "/")).status == 200
        assert (await web.get(address + "/", headers={"Host": "evil.example"})).status == 403
        assert (await web.get(address + "/live", headers={"Origin": "http://evil.example"})).status == 403
        assert (await web.get(address + "/../live.py")).status == 404


@pytest.fixture
async def seen(page: Page, tmp_path: Path) -> AsyncIterator[Browser]:
    """The page in a browser."""
    async with browser(tmp_path / "browser") as opened:
        await opened.go(f"http://localhost:{page.port}/")
        await opened.until("typeof shown !== 'undefined' && shown.commands.length > 0")
        await opened.see(REMEMBER)
        yield opened


@pytest.mark.browser
async def test_a_developer_types_tale_sees_the_card_move_and_presses_its_buttons(seen: Browser, tmp_path: Path) -> None:
    await seen.see(TYPE.format("/tale a lighthouse keeper mood: eerie"))
    await seen.until("past.includes('Writing (eerie)')")
    await seen.until(f"{LOG}.includes('Once upon a time there was a lighthouse keeper.')")
    await seen.until("document.querySelectorAll('#messages audio').length === 1")
    await seen.see(PRESS.format("Again"))
    await seen.until("document.getElementById('modal').open")
    await seen.see("document.querySelector('#fields input').value = 'a heron'")
    await seen.see("document.querySelector('#modal button[value=send]').click()")
    await seen.until(f"{LOG}.includes('there was a heron.')")
    await seen.see(PRESS.format("Cancel"))
    await seen.until("[...document.querySelectorAll('#messages button')].some((b) => b.disabled)")
    (tmp_path / "sandbox.png").write_bytes(await seen.photograph())


@pytest.mark.browser
async def test_a_developer_hears_the_voice_channel_and_is_heard(seen: Browser, guild: Neighbourhood) -> None:
    await seen.see(
        "[...document.querySelectorAll('nav button')].find((b) => b.textContent.includes('Fireside')).click()"
    )
    await seen.until("shown.channels.some((c) => c.present.includes('You'))")
    await seen.see(TYPE.format("/play"))
    await seen.until("Number(document.getElementById('frames').textContent) > 50")
    assert await seen.see("document.getElementById('level').value") > 0.1
    assert await seen.see("sound.at > 0")
    rui = guild.member("Rui")
    await rui.joins(guild.voice)
    await rui.locked()
    await seen.see("document.getElementById('mic').click()")
    heard = await rui.hears(2.0)
    assert len(heard.speakers) >= 1


@pytest.mark.browser
async def test_commands_and_choices_are_offered_while_typing(seen: Browser) -> None:
    await seen.see("(() => { const line = document.getElementById('line'); line.value = '/ta'; line.oninput(); })()")
    assert await seen.see("document.getElementById('offers').innerText") == "/tale — Tells a tale"
    await seen.see(
        "(() => { const l = document.getElementById('line'); l.value = '/tale x mood: so'; l.oninput(); })()"
    )
    await seen.until("document.getElementById('offers').innerText === 'solemn'")
    await seen.see("document.querySelector('#offers button').click()")
    assert await seen.see("document.getElementById('line').value") == "/tale x mood: solemn "
    await seen.see(TYPE.format("/listen"))
    await seen.until("document.getElementById('problem').textContent.includes('must be filled in')")
