"""The papers and the client, tried."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import re
import shutil
import sys
import wave
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.places import CHECKOUT, DATA
from tests.bot.web.opened import door_open

LINE = re.compile(r"^curl .*$", re.MULTILINE)


def client() -> ModuleType:
    spec = importlib.util.spec_from_file_location("echotales_client", DATA / "web/echotales_client.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


async def test_every_line_of_curl_in_the_papers_works(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    lines = LINE.findall((CHECKOUT / "docs/api.md").read_text("utf-8"))
    assert len(lines) > 10
    async with door_open(tmp_path / "home") as door:
        tale = await door.told()
        about = {"DOOR": door.url, "KEY": door.key, "TALE": tale["id"], "PATH": "/usr/bin:/bin"}
        (tmp_path / "said.mp3").write_bytes((await door.call("POST", "/v1/audio/speech", json={"input": "x y"}))[1])
        # What erases the tale comes last.
        for line in sorted(lines, key=lambda one: "DELETE" in one):
            command = line.replace("curl ", "curl --fail-with-body --max-time 30 ", 1)
            ran = await asyncio.create_subprocess_shell(
                command, env=about, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            out, err = await ran.communicate()
            assert ran.returncode == 0, (line, out[:500], err)
            versions = await door.web.library.tales.open_ones()
            for one in versions:
                await door.finished(one.id)


async def test_the_client_does_what_its_page_says(tmp_path: Path) -> None:
    module = client()
    assert len((DATA / "web/echotales_client.py").read_text("utf-8").splitlines()) < 200

    def walk(url: str, key: str) -> None:
        door = module.EchoTales(url, key)
        tale = door.tell("a storm", language="en")
        kinds = [event.kind for event in door.follow(tale["id"])]
        assert kinds[-1] == "done"
        while door.tale(tale["id"])["state"] == "open":
            pass
        assert door.part(tale["id"], "captions.vtt").startswith(b"WEBVTT")
        version = door.edit(tale["id"], "sadder", line=0)
        assert [event.kind for event in door.follow(version["id"])][-1] == "done"
        while door.tale(version["id"])["state"] == "open":
            pass
        assert [one["id"] for one in door.tales()] == [version["id"]]
        assert door.undo(version["id"])["id"] == tale["id"]
        with wave.open(io.BytesIO(b"".join(door.speak("The keeper lit the lamp.", form="wav")))) as file:
            assert file.getframerate() == 48_000
        assert door.feel("lamp")["mood"] == "joy"
        assert door.compose("joy", 2.0)
        assert door.link(tale["id"]).startswith(f"{url}/t/{tale['id']}?")
        door.stop(tale["id"])
        with pytest.raises(module.DoorError, match="no longer kept") as caught:
            door.tale(tale["id"])
        assert (caught.value.status, caught.value.code) == (404, "tale_gone")

    async with door_open(tmp_path) as opened:
        await asyncio.to_thread(walk, opened.url, opened.key)
