"""Promises of changed tales, through the door."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.words.sound import Artifact
from tests.bot.web.opened import Opened

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_changed_tale_is_a_version_and_undo_brings_the_first_back(door: Opened) -> None:
    door = replace(door, key=await door.another("881"))  # a member may ask for few in a minute
    first = await door.told(language="en")
    path = f"/v1/tales/{first['id']}"
    status, version = await door.call("POST", f"{path}/edits", json={"how": "sadder", "line": 0})
    assert (status, version["origin"]) == (201, first["id"])
    status, said = await door.call("POST", f"{path}/edits", json={"how": "again", "line": 1})
    assert (status, said["error"]["code"]) == (409, "edit_open"), "two editors at once"
    await door.finished(version["id"])
    _, listed = await door.call("GET", "/v1/tales")
    ids = [one["id"] for one in listed["data"]]
    assert version["id"] in ids
    assert first["id"] not in ids
    _, found = await door.call("GET", f"{path}/versions")
    assert [one["state"] for one in found["data"]] == ["earlier", "done"]
    _, undone = await door.call("POST", f"/v1/tales/{version['id']}/undo")
    assert (undone["id"], undone["state"]) == (first["id"], "done")
    status, said = await door.call("POST", f"{path}/undo")
    assert (status, said["error"]["code"]) == (400, "edit_first")
    _, back = await door.call("POST", f"/v1/tales/{version['id']}/current")
    assert back["state"] == "done"
    await door.call("DELETE", path)
    assert [await door.web.library.tales.get(one) for one in (first["id"], version["id"])] == [None, None]


async def test_an_edit_that_cannot_be_made_is_refused_in_a_sentence(door: Opened) -> None:
    tale = await door.shared()
    path = f"/v1/tales/{tale['id']}/edits"
    for wish, code in (
        ({"how": "again", "line": 99}, "edit_nowhere"),
        ({"how": "again"}, "edit_needs"),
        ({"how": "words", "line": 0, "words": "  "}, "edit_needs"),
        ({"how": "words", "line": 0, "words": "I want to kill myself"}, "prompt_danger"),
        ({"how": "louder", "line": 0}, "request_unreadable"),
    ):
        status, said = await door.call("POST", path, json=wish)
        assert (status, said["error"]["code"]) == (400, code)
    stranger = await door.another("333")
    assert (await door.call("POST", path, key=stranger, json={"how": "again", "line": 0}))[0] == 404


async def test_an_edit_of_a_tale_whose_learnt_voice_is_gone_is_refused(door: Opened) -> None:
    door = replace(door, key=await door.another("882"))  # a member may ask for few in a minute
    tale = await door.told()
    kept = await door.web.library.tales.get(tale["id"])
    assert kept is not None
    gone = replace(kept.prompt, voice="learnt-x", learnt=Artifact("0" * 64, ".npz", 1))
    await door.web.library.tales.change(kept.id, prompt=gone)
    status, said = await door.call("POST", f"/v1/tales/{kept.id}/edits", json={"how": "again", "line": 0})
    assert (status, said["error"]["code"]) == (400, "edit_voice_gone")
    wish = {"how": "voice", "line": 0, "voice": "bf_emma"}
    status, version = await door.call("POST", f"/v1/tales/{kept.id}/edits", json=wish)
    assert status == 201
    await door.finished(version["id"])
