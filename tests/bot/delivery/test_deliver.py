"""What a member gets of a tale."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.delivery.message_sender import Outbox
from bot.library.records import TextShown
from bot.privacy.take_down import take_down
from bot.ui.card_message import Stands
from pipeline.audio.decode import blocks_of
from pipeline.words.tale import Tale
from tests.bot.delivery.evening import evening, long_story, number
from tests.discord_double.members.shown import File
from tests.discord_double.people import Kind
from tests.discord_double.permissions import May
from tests.pipeline.audio.making import Made


class Dead(Exception):
    """It was killed just here."""


def seconds(file: File, folder: Path) -> float:
    """Length of a sound, decoded."""
    path = folder / file.name
    path.write_bytes(file.data)
    return sum(map(len, blocks_of(path))) / 48_000


async def test_a_quick_tale_ends_in_its_card(sounds: tuple[Made, Tale], tmp_path: Path) -> None:
    async with evening(sounds) as at:
        messages = await at.brought()
        assert [number(one) for one in messages] == [at.hall.reply.shown.id]
        seen = at.hall.reply.shown
        assert "Once upon a night0." in seen.text
        assert {file.name for file in seen.files} == {"the-night.mp3", "tale.png"}
        sound = next(file for file in seen.files if file.name.endswith("mp3"))
        assert abs(seconds(sound, tmp_path) - at.story.master.samples / 48_000) < 0.1
        assert [each.label for each in seen.buttons][:2] == ["Play here", "Another mood"]
        alts = [each["description"] for each in seen.message.data["attachments"]]
        assert "0:" in alts[0]
        assert "joy" in alts[1]


async def test_a_slow_tale_is_a_new_reply_and_mentions_nobody(sounds: tuple[Made, Tale]) -> None:
    async with evening(sounds) as at:
        (message,) = await at.brought(after_s=90)
        seen = at.shown(message)
        assert seen.id != at.hall.reply.shown.id
        assert seen.message.data["message_reference"]["message_id"] == at.hall.reply.shown.id
        assert "<@" not in seen.text
        assert f"/{message}" in at.hall.reply.shown.text
        assert at.hall.reply.shown.buttons == []


async def test_who_asked_to_be_told_is_mentioned_alone(sounds: tuple[Made, Tale]) -> None:
    async with evening(sounds, tell_me=True) as at:
        (message,) = await at.brought(after_s=90)
        assert at.shown(message).content == f"<@{at.hall.ana.id}>"


async def test_a_long_story_is_paged_without_breaking_a_sentence(sounds: tuple[Made, Tale]) -> None:
    async with evening(sounds, text=TextShown.SPOILER) as at:
        story = long_story(at.story, 300)
        messages = await at.brought(story)
        texts = [at.shown(one).embeds[0]["description"] for one in messages]
        assert len(texts) > 2
        assert all(text.startswith("||") and text.endswith(".||") for text in texts)
        told = " ".join(text.strip("|") for text in texts).replace("\\", "")
        assert told == " ".join(one.text for one in story.story.scenes[0].passages)


@pytest.mark.parametrize(("wished", "sentences"), [(True, 300), (False, 700)], ids=["as wished", "for its length"])
@pytest.mark.slow
async def test_a_long_story_stands_in_a_thread_where_the_server_wishes_or_a_channel_would_be_flooded(
    sounds: tuple[Made, Tale], *, wished: bool, sentences: int
) -> None:
    async with evening(sounds, {"text_in_thread": wished}) as at:
        messages = await at.brought(long_story(at.story, sentences))
        assert len(at.hall.screen) == 1
        threads = [one for one in at.hall.double.world.guilds[at.hall.guild.id].channels.values() if one.is_thread]
        assert [one.name for one in threads] == ["The night"]
        assert len(at.hall.ana.screen(threads[0])) == len(messages) - 1


@pytest.mark.parametrize(("after_s", "small"), [(5.0, True), (90.0, False)])
async def test_an_answer_is_as_large_as_its_interaction_takes_and_a_message_as_the_server_does(
    sounds: tuple[Made, Tale], after_s: float, *, small: bool
) -> None:
    async with evening(sounds, limit_bytes=90_000) as at:
        (message, *_) = await at.brought(after_s=after_s)
        sound = next(one for one in at.shown(message).files if one.name.endswith("mp3"))
        assert (len(sound.data) <= 90_000) is small


async def test_the_sound_is_made_smaller_until_discord_takes_it(sounds: tuple[Made, Tale], tmp_path: Path) -> None:
    async with evening(sounds) as at:
        (plain,) = await at.brought()
        large = len(at.shown(plain).files[0].data)
        (message,) = await at.brought(refused=2)
        sound = next(file for file in at.shown(message).files if file.name.endswith("mp3"))
        assert len(sound.data) <= 0.7 * 0.7 * large
        assert abs(seconds(sound, tmp_path) - at.story.master.samples / 48_000) < 0.1


async def test_without_leave_in_the_channel_it_comes_by_the_interaction_or_to_the_asker(
    sounds: tuple[Made, Tale],
) -> None:
    async with evening(sounds) as at:
        at.hall.guild.owner.forbids(at.hall.double.bot, at.hall.guild.text, May.SEND_MESSAGES)
        (followup,) = await at.brought(after_s=90)
        assert number(followup) in [one.id for one in at.hall.reply.followups]
        (direct,) = await at.brought(after_s=16 * 60)
        assert [one.id for one in at.hall.ana.direct(at.hall.double.bot)] == [number(direct)]


async def test_the_answer_to_a_lost_delivery_does_not_double_it(sounds: tuple[Made, Tale]) -> None:
    async with evening(sounds) as at:
        at.hall.double.faults.fail("POST", "/messages", 500, after=True)
        (message,) = await at.brought(after_s=90)
        assert [one.id for one in at.hall.screen] == [at.hall.reply.shown.id, number(message)]


async def test_only_for_me_is_seen_by_nobody_else(sounds: tuple[Made, Tale]) -> None:
    async with evening(sounds, only_me=True) as at:
        await at.brought(after_s=90)
        beto = at.hall.guild.member("Beto")
        assert beto.screen() == []
        assert len(at.hall.screen) == 2


async def test_plain_has_no_picture(sounds: tuple[Made, Tale]) -> None:
    async with evening(sounds, plain=True) as at:
        await at.brought()
        assert [file.name for file in at.hall.reply.shown.files] == ["the-night.mp3"]


@pytest.mark.parametrize("after_s", [5.0, 90.0, 3_600.0])
async def test_a_tale_whose_card_was_deleted_is_posted_anew_once(sounds: tuple[Made, Tale], after_s: float) -> None:
    async with evening(sounds) as at:
        (message,) = await at.brought(after_s=after_s, deleted=True)
        assert [one.id for one in at.hall.screen] == [number(message)]
        assert at.shown(message).files


async def test_where_history_may_not_be_read_it_stands_beside_its_card(sounds: tuple[Made, Tale]) -> None:
    async with evening(sounds) as at:
        at.hall.guild.owner.forbids(at.hall.double.bot, at.hall.guild.text, May.READ_MESSAGE_HISTORY)
        (message,) = await at.brought(after_s=90)
        assert at.shown(message).files
        assert "message_reference" not in at.shown(message).message.data


async def test_who_shares_no_server_any_more_and_has_no_token_left_finds_it_in_the_list(
    sounds: tuple[Made, Tale],
) -> None:
    async with evening(sounds, only_me=True) as at:
        world, guild = at.hall.double.world, at.hall.guild.guild
        world.part(guild, at.hall.ana.user)
        assert await at.brought(after_s=16 * 60) == ()


@pytest.mark.parametrize("locked", [False, True])
async def test_a_card_in_a_thread_that_was_put_away_strands_no_tale(sounds: tuple[Made, Tale], *, locked: bool) -> None:
    async with evening(sounds) as at:
        world, guild = at.hall.double.world, at.hall.guild
        thread = world.room(guild.guild, Kind.PUBLIC_THREAD, "aside", guild.text.id)
        card = at.hall.double.house.post.send(thread, at.hall.double.bot.user, {"content": "thinks"})
        thread.archived, thread.locked = True, locked
        where = (str(card.id), str(thread.id))
        tale = replace(at.hall.tale, card_message=where[0], card_channel=where[1], interaction_token="")
        await at.library.tales.add(tale)
        at.hall.double.clock.advance(30)
        messages = await at.courier.bring(tale, at.story)
        assert len(messages) == 1


@pytest.mark.parametrize("dies_at", range(3))
@pytest.mark.parametrize("after_s", [5.0, 90.0])
async def test_a_bot_that_died_right_after_posting_is_followed_by_one_that_looks_before_it_posts_again(
    sounds: tuple[Made, Tale], after_s: float, dies_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had no time to note what it posted, and Discord forgets a nonce within minutes."""
    async with evening(sounds) as at:
        story, noted = long_story(at.story, 300), Outbox.noted
        left = iter(range(dies_at))

        async def dies(self: Outbox, part: str, stands: Stands) -> Stands:
            if next(left, None) is None:
                raise Dead
            return await noted(self, part, stands)

        monkeypatch.setattr(Outbox, "noted", dies)
        with pytest.raises(Dead):
            await at.brought(story, after_s=after_s)
        monkeypatch.setattr(Outbox, "noted", noted)
        at.hall.double.clock.advance(600)
        kept = await at.library.tales.get(at.hall.tale.id)
        assert kept is not None
        await at.courier.bring(kept, story)
        told = [one.text for one in at.hall.screen]
        assert sum(bool(one.files) for one in at.hall.screen) == 1
        assert len(set(told)) == len(told)
        assert [sum(f"the {nth}th wave" in text for text in told) for nth in (0, 150, 299)] == [1, 1, 1]


@pytest.mark.parametrize("after_s", [5.0, 90.0])
async def test_a_bot_that_died_before_it_could_say_so_posts_nothing_twice_however_late_the_next_comes(
    sounds: tuple[Made, Tale], after_s: float
) -> None:
    async with evening(sounds) as at:
        story = long_story(at.story, 300)
        messages = await at.brought(story, after_s=after_s)
        assert len(messages) > 2
        before = [one.id for one in at.hall.screen]
        at.hall.double.clock.advance(600)  # longer than Discord remembers a nonce
        kept = await at.library.tales.get(at.hall.tale.id)
        assert kept is not None
        assert await at.courier.bring(kept, story) == messages
        assert [one.id for one in at.hall.screen] == before
        assert await take_down(at.hall.client, [kept]) >= len(messages)
