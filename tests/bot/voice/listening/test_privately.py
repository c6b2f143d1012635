"""What is heard stays where it belongs."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr
from dataclasses import replace
from pathlib import Path

import pytest

from bot.voice.listening.cleanup import Unfinished
from bot.voice.listening.consent import Agreed
from bot.voice.listening.transcription import wav_of
from bot.voice.listening.transcription_job import by_road
from pipeline.log import set_up_logging
from pipeline.road.door import read_answer
from pipeline.words.answer import Transcribed
from pipeline.words.jsonable import to_json
from pipeline.words.mood import Emotion, Evidence, Feeling, Mood
from pipeline.words.request import Asked, Transcribe
from pipeline.words.tale import Tale
from tests.bot.scene import Scene
from tests.bot.voice.listening.listens import WORDS, Pen, listens, recordings, speaks, tale_of
from tests.bot.voice.listening.speech import spoken
from tests.double.calls import settled

SAID = "a storm that is afraid of the dark"
"""What the troupe hears in everything."""


@pytest.mark.slow
async def test_a_server_for_words_reads_no_feeling_from_any_voice_and_everything_works(scene: Scene, pen: Pen) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        library = bot.services.library
        await library.servers.change(str(scene.guild.id), read_feeling=False)
        panel = await listens(ana)
        assert "no feeling" in panel.text
        assert "feeling in your voice" not in panel.text
        await speaks(ana, panel, spoken(), "always here")
        assert [(one.feeling, one.usual, one.tone) for one in pen.read] == [(False, (), False)] * len(pen.read)
        mine = await ana.press("Done", on=panel)
        assert not mine.failed
        kept = await tale_of(bot, ana)
        assert not kept.prompt.read_feeling
        assert await library.voices.usual(str(ana.id)) == ()
        mine = await ana.press("What my voice told", on=panel)
        await mine.until(lambda seen: WORDS in seen.text)
        assert "sounds like" not in mine.text
        wav = wav_of(spoken()[:, 0].copy())
        told = await ana.tale(file=scene.double.file("wish.wav", wav))
        await told.shown.until(lambda seen: seen.files, within_s=60)
        every = await library.tales.asked_in(str(scene.guild.id))
        assert len(every) == 2
        assert not [tale for tale in every if tale.prompt.read_feeling]


@pytest.mark.slow
async def test_words_names_and_recordings_of_a_listening_stand_in_no_log(scene: Scene) -> None:
    log = io.StringIO()
    ana, rui = scene.guild.member("Ananda"), scene.guild.member("Ruimundo")
    for each in (ana, rui):
        await each.joins(scene.guild.voice)
    with redirect_stderr(log):
        set_up_logging("DEBUG", plain=False)
        async with scene.running() as bot:
            panel = await listens(ana)
            await speaks(ana, panel, spoken(), "always here")
            hashes = {path.stem for path in recordings(scene)}
            assert hashes
            await ana.press("Done", on=panel)
            kept = await tale_of(bot, ana)
            assert kept.artifact is not None
            story = read_answer(kept.artifact, Tale, bot.services.artifacts)
            assert [one.felt for one in story.prompt.said] == [None], "no tale passes on what a voice told"
    lines = log.getvalue()
    assert "listened" in lines
    assert not [one for one in ("lighthouse", "befriends", "Ananda", "Ruimundo", *hashes) if one in lines]


async def test_an_errand_asks_for_what_was_agreed_and_leaves_nothing_behind(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene.running() as bot:
        services = bot.services
        agreed = Agreed(services.library.consents, services.library.voices, scene.guild.id, words_only=False)
        await agreed.give(1, always=True)
        await agreed.give(2, always=False)
        wishes, answered = [], services.door.answered

        async def noted(wish, kind, artifacts):  # type: ignore[no-untyped-def] # the door's own
            wishes.append(wish)
            return await answered(wish, kind, artifacts)

        monkeypatch.setattr(services.door, "answered", noted)
        file = scene.home / "unfinished.json"
        write_down = by_road(services.door, services.artifacts, agreed, Unfinished(file), services.pools.files)
        recording = services.artifacts(wav_of(spoken()[:, 0].copy()), ".wav")
        told = [await write_down(member, recording) for member in (1, 2, 3)]
        assert [one.transcript.text for one in told] == [SAID] * 3
        asked = [one.request for one in wishes]
        assert all(isinstance(one, Transcribe) for one in asked)
        assert [(one.read_feeling, one.tone) for one in asked] == [(True, True), (True, False), (False, False)]
        assert await services.door.keepsakes("", [one.job for one in wishes]) == []
        assert not answers(scene)
        assert not Unfinished(file).left().errands
        assert services.artifacts.path(recording).exists(), "the recording itself is the scribe's"


@pytest.mark.slow
async def test_why_a_mood_was_read_tells_of_a_voice_to_its_speaker_alone(scene: Scene) -> None:
    ana, rui = scene.guild.member("Ana"), scene.guild.member("Rui")
    await ana.joins(scene.guild.voice)
    wav = wav_of(spoken()[:, 0].copy())
    joy, fear = Mood.pure(Emotion.JOY), Mood.pure(Emotion.FEAR)
    evidence = (Evidence("word", "lamp", Emotion.JOY, 0.4), Evidence("voice", "tone", Emotion.FEAR, 0.4, 3.0, 4.0))
    async with scene.running() as bot:
        services = bot.services
        told = await ana.tale(file=scene.double.file("wish.wav", wav))
        tale = await told.shown.until(lambda seen: seen.files, within_s=60)
        await settled(lambda: not services.teller.open)
        kept = (await services.library.tales.asked_in(str(scene.guild.id)))[0]
        assert kept.artifact is not None
        story = read_answer(kept.artifact, Tale, services.artifacts)
        plan = replace(story.plan, feeling=Feeling(fear, joy, fear, "quarrel_brave_face", evidence))
        whole = services.artifacts(json.dumps(to_json(replace(story, plan=plan))).encode(), ".json")
        await services.library.tales.change(kept.id, artifact=whole)
        mine = await ana.press("Why this mood", on=tale)
        await mine.until(lambda seen: "between 0:03 and 0:04" in seen.text and "fear" in seen.text, within_s=60)
        theirs = await rui.press("Why this mood", on=tale)
        await theirs.until(lambda seen: "to its speaker alone" in seen.text and "lamp" in seen.text, within_s=60)
        assert "**joy" in theirs.text
        assert "fear 1" not in theirs.text
        assert "0:03" not in theirs.text


async def test_what_a_killed_bot_left_of_a_voice_goes_when_the_next_one_starts(scene: Scene) -> None:
    async with scene.running() as bot:
        services = bot.services
        recording = services.artifacts(wav_of(spoken()[:, 0].copy()), ".wav")
        answered = services.door.answered(Asked("left", Transcribe(recording), "1"), Transcribed, services.artifacts)
        assert (await answered).transcript.text == SAID
    unfinished = Unfinished(scene.home / "state" / "unfinished.json")
    unfinished.note(recording)
    unfinished.began("left")
    assert recordings(scene)
    async with scene.running() as bot:
        assert not recordings(scene)
        assert await bot.services.door.keepsakes("", ["left"]) == []
        assert not answers(scene)
        assert unfinished.left().errands == []


def answers(scene: Scene) -> list[Path]:
    """Files in which what was said can be read."""
    return [path for path in (scene.home / "artifacts").rglob("*.json") if SAID in path.read_text("utf-8")]
