"""Promises of the open door."""

from __future__ import annotations

import asyncio
import io
import wave
from dataclasses import replace
from pathlib import Path

import aiohttp
import numpy as np
import openai
import pytest

from bot.library.keys import KeyScope
from bot.library.records import TaleState
from bot.web.access import story_of
from pipeline.audio.decode import blocks_of
from pipeline.words.sound import Samples
from tests.bot.web.opened import Opened, door_open

pytestmark = pytest.mark.asyncio(loop_scope="module")
SENTENCE = "The keeper lit the lamp. A storm came by, and it was afraid of the dark."


async def test_a_wish_becomes_a_tale_whose_parts_can_be_heard_and_read(door: Opened) -> None:
    tale = await door.told(language="en", seed=7)
    assert (tale["state"], tale["title"]) == ("done", "The Keeper and the Storm")
    kept = await door.web.library.tales.get(tale["id"])
    assert kept is not None
    assert kept.prompt.seed == 7
    for part, address in tale["parts"].items():
        async with door.http.get(door.url + address) as answer:  # signed: no key is shown
            assert answer.status == 200, part
            assert await answer.read(), part


async def test_a_follower_hears_every_event_and_goes_on_where_they_left(door: Opened) -> None:
    tale = await door.shared()
    heard = [kind async for kind, _ in door.events(tale["id"])]
    assert heard.count("narrated") == 2
    assert heard[-1] == "done"
    later = [kind async for kind, _ in door.events(tale["id"], **{"Last-Event-ID": str(len(heard) - 2)})]
    assert later == heard[-2:]
    assert not [data async for kind, data in door.events(tale["id"]) if kind == "felt" and "evidence" in data]


async def test_nobody_sees_a_tale_of_somebody_else(door: Opened) -> None:
    tale = await door.shared()
    stranger = await door.another("333")
    for method, path in (("GET", ""), ("GET", "/events"), ("GET", "/tale.mp3"), ("DELETE", ""), ("POST", "/link")):
        status, said = await door.call(method, f"/v1/tales/{tale['id']}{path}", key=stranger)
        assert (status, said["error"]["code"]) == (404, "tale_gone"), path
    _, listed = await door.call("GET", "/v1/tales", key=stranger)
    assert listed["data"] == []


async def test_a_key_does_what_its_scopes_say_until_it_is_removed(door: Opened) -> None:
    key = await door.another("444", [KeyScope.LISTEN])
    status, said = await door.call("POST", "/v1/tales", key=key, json={"prompt": "a storm"})
    assert (status, said["error"]["code"]) == (403, "key_scope")
    assert (await door.call("GET", "/v1/tales", key=key))[0] == 200
    assert await door.web.library.keys.remove(key.split("_")[1])
    status, said = await door.call("GET", "/v1/tales", key=key)
    assert (status, said["error"]["code"]) == (401, "key_wrong")
    async with door.http.get(f"{door.url}/v1/tales") as answer:
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_a_link_ends_and_cannot_be_changed(door: Opened) -> None:
    tale = await door.shared()
    _, made = await door.call("POST", f"/v1/tales/{tale['id']}/link", params={"days": 3})
    query = made["url"].partition("?")[2]
    async with door.http.get(f"{door.url}/v1/tales/{tale['id']}?{query}") as answer:
        shown = await answer.json()
    assert {one.partition("?")[2] for one in [*shown["parts"].values(), shown["player"]]} == {query}, "no later end"
    async with door.http.get(f"{door.url}/v1/tales/{tale['id']}/versions?{query}") as answer:
        assert answer.status == 401, "one version is shared, not all"
    over = int(door.web.clock()) - 1
    for wrong in (query[:-1] + "0" if query[-1] != "0" else query[:-1] + "1", query.replace("until=", "until=9")):
        async with door.http.get(f"{door.url}/v1/tales/{tale['id']}?{wrong}") as answer:
            assert (await answer.json())["error"]["code"] == "link_wrong"
    signed = door.web.links.signed(f"tale:{tale['id']}", over)
    async with door.http.get(f"{door.url}/v1/tales/{tale['id']}?until={over}&sign={signed}") as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (403, "link_over")


async def test_the_same_danger_rules_hold_as_on_discord(door: Opened) -> None:
    for path, body in (
        ("tales", {"prompt": "I want to kill myself"}),
        ("audio/speech", {"input": "I want to kill myself"}),
    ):
        status, said = await door.call("POST", f"/v1/{path}", json=body)
        assert (status, said["error"]["code"]) == (400, "prompt_danger")
        assert "988" in said["error"]["message"]
    assert not [one for one in await door.web.library.tales.every() if "kill" in one.prompt.text]


async def test_a_tale_is_stopped_and_a_finished_one_erased(door: Opened) -> None:
    door = replace(door, key=await door.another("883"))  # a member may ask for few in a minute
    tale = await door.told()
    assert (await door.call("GET", tale["parts"]["tale.mp3"]))[0] == 200
    assert (await door.call("DELETE", f"/v1/tales/{tale['id']}"))[0] == 204
    async with door.http.get(door.url + tale["parts"]["tale.mp3"]) as answer:
        assert answer.status == 404  # the link is still signed, its tale is gone
    assert await door.web.library.tales.get(tale["id"]) is None


async def test_a_player_may_ask_for_any_stretch_of_a_sound(door: Opened) -> None:
    tale = await door.shared()
    address = door.url + tale["parts"]["voice.mp3"]
    async with door.http.get(address) as answer:
        whole = await answer.read()
    for asked, start, end in (
        ("bytes=5-9", 5, 10),
        ("bytes=-4", len(whole) - 4, len(whole)),
        ("bytes=7-", 7, len(whole)),
    ):
        async with door.http.get(address, headers={"Range": asked}) as answer:
            assert (answer.status, await answer.read()) == (206, whole[start:end])
    for wrong in ("bytes=99999999-", "bytes=9-3", f"bytes={'9' * 400}-"):
        async with door.http.get(address, headers={"Range": wrong}) as answer:
            assert answer.status in (200, 416)


async def test_voice_and_music_add_up_to_the_tale(door: Opened, tmp_path: Path) -> None:
    tale = await door.shared()
    kept = await door.web.library.tales.get(tale["id"])
    assert kept is not None
    story = await story_of(door.web, kept)
    parts = [await door.web.renditions.stem(kept.id, story, part, ".flac") for part in ("voice", "music")]
    whole = (await door.call("GET", f"/v1/tales/{kept.id}/tale.flac"))[1]
    voice, music, tale_sound = (_samples(data, tmp_path / f"{nth}.flac") for nth, data in enumerate([*parts, whole]))
    # Our decoder spreads mono over two sides 3 dB lower, which browsers do not; sixteen bits are rounded three times.
    assert np.abs(voice * np.sqrt(2) + music - tale_sound).max() < 4 / 32_768
    assert np.abs(voice).max() > 0.05 < 10 * np.abs(music).max()


def _samples(data: bytes, file: Path) -> Samples:
    file.write_bytes(data)
    return np.concatenate(list(blocks_of(file)))


async def test_the_official_client_speaks_and_transcribes_unchanged(door: Opened, tmp_path: Path) -> None:
    client = openai.AsyncOpenAI(api_key=door.key, base_url=f"{door.url}/v1", max_retries=0)
    async with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input=SENTENCE, response_format="wav"
    ) as answer:
        sound = await answer.read()
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getframerate(), file.getnchannels()) == (48_000, 1)
    said = await client.audio.transcriptions.create(model="whisper-1", file=("said.wav", sound))
    assert said.text == "a storm that is afraid of the dark"
    plain = await client.audio.transcriptions.create(
        model="whisper-1", file=("said.wav", sound), response_format="text"
    )
    assert str(plain).strip() == said.text
    assert "tts-1" in [one.id for one in (await client.models.list()).data]
    with pytest.raises(openai.AuthenticationError, match="unknown, wrong or over"):
        await client.with_options(api_key="echo_0_0").models.list()
    with pytest.raises(openai.NotFoundError, match="nobody_known"):
        await client.audio.speech.create(model="tts-1", voice="nobody_known", input="x")
    await client.close()


@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
async def test_speech_comes_in_every_kind_and_nothing_of_it_stays(door: Opened, form: str, tmp_path: Path) -> None:
    status, sound = await door.call(
        "POST", "/v1/audio/speech", json={"input": "zanzibar lamp", "response_format": form}
    )
    assert status == 200
    if form == "pcm":
        assert len(sound) == pytest.approx(0.3 * 24_000 * 2, abs=200)
    else:
        file = tmp_path / f"said.{form}"
        file.write_bytes(sound)
        samples = np.concatenate(list(blocks_of(file)))
        assert 0.25 < len(samples) / 48_000 < 0.45
        assert np.abs(samples).max() > 0.05
    rows = await door.web.door.keepsakes("111111111111111111")
    assert not [row for row in rows if "zanzibar" in str(row.row)]


async def test_music_and_feelings_are_answered(door: Opened) -> None:
    status, sound = await door.call("POST", "/v1/music", json={"mood": "joy", "seconds": 2, "response_format": "wav"})
    assert (status, sound[:4]) == (200, b"RIFF")
    status, felt = await door.call("POST", "/v1/feelings", json={"input": "lamp of joy", "language": "en"})
    assert (status, felt["mood"], felt["evidence"][0]["word"]) == (200, "joy", "lamp")


async def test_who_goes_away_in_mid_stream_stops_what_they_asked_for(door: Opened) -> None:
    before = await door.web.door.jobs_of("555")
    key = await door.another("555")
    answer = await door.http.post(
        f"{door.url}/v1/audio/speech", json={"input": SENTENCE}, headers={"Authorization": f"Bearer {key}"}
    )
    answer.close()
    while await door.web.door.jobs_of("555") != before:  # noqa: ASYNC110 - the queue's rows set no event
        await asyncio.sleep(0.02)


async def test_what_was_open_when_the_door_closed_is_told_by_the_next(tmp_path: Path) -> None:
    async with door_open(tmp_path, works=False) as first:
        _, asked = await first.call("POST", "/v1/tales", json={"prompt": "a storm"})
        assert (await first.web.library.tales.open_ones(web=False)) == []
    async with door_open(tmp_path) as second:
        assert (await second.finished(asked["id"]))["state"] == TaleState.DONE


async def test_an_erase_of_a_member_takes_their_keys(door: Opened) -> None:
    key = await door.another("666")
    assert (await door.call("GET", "/v1/tales", key=key))[0] == 200
    await door.web.privacy.erase_member("666")
    assert (await door.call("GET", "/v1/tales", key=key))[0] == 401


async def test_every_answer_says_it_is_not_to_be_framed_or_guessed(door: Opened) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{door.url}/nowhere") as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (404, "page_unknown")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "server" not in answer.headers


async def test_the_pages_and_their_words_are_given_in_the_readers_language(door: Opened) -> None:
    for path in ("/studio", "/docs", f"/t/{'a' * 32}", "/web/pieces.js", "/web/worker.js"):
        async with door.http.get(door.url + path) as answer:
            assert answer.status == 200, path
    async with door.http.get(f"{door.url}/web/words.json", headers={"Accept-Language": "pt-BR,pt;q=0.9"}) as answer:
        said = await answer.json()
    assert (said["play"], said["code"]) == ("Tocar", "pt")
    for path in ("/web/../../pyproject.toml", "/web/%2e%2e%2fpyproject.toml", "/web/player.html", "/web/.env"):
        async with door.http.get(door.url + path) as answer:
            assert answer.status == 404, path


async def test_whoever_reviews_sees_health_and_nobody_else(door: Opened) -> None:
    assert (await door.call("GET", "/v1/review"))[0] == 403
    key = await door.another("777", [KeyScope.REVIEW, KeyScope.LISTEN])
    status, found = await door.call("GET", "/v1/review", key=key)
    assert status == 200
    assert set(found["health"]) == {"executor", "profile", "free_gb", "waiting"}
