"""What was delivered, taken down."""

from __future__ import annotations

from bot.library.posts import posts_of
from bot.privacy.take_down import take_down
from pipeline.words.tale import Tale
from tests.bot.delivery.evening import evening, long_story, number
from tests.discord_double.permissions import May
from tests.pipeline.audio.making import Made


async def test_erased_goes_from_threads_and_direct_messages_without_leave_to_manage_threads(
    sounds: tuple[Made, Tale],
) -> None:
    async with evening(sounds, {"text_in_thread": True}) as at:
        at.hall.guild.owner.forbids(at.hall.double.bot, at.hall.guild.text, May.MANAGE_THREADS)
        in_thread = await at.brought(long_story(at.story, 300), after_s=90)
        threads = [one for one in at.hall.double.world.guilds[at.hall.guild.id].channels.values() if one.is_thread]
        assert at.hall.ana.screen(threads[0])
        at.hall.guild.owner.forbids(at.hall.double.bot, at.hall.guild.text, May.SEND_MESSAGES, May.MANAGE_THREADS)
        direct = await at.brought(after_s=16 * 60)
        assert at.hall.ana.direct(at.hall.double.bot)
        gone = at.known(delivered=(*in_thread, *direct))
        await take_down(at.hall.client, [gone])
        assert at.hall.ana.screen(threads[0]) == []
        assert at.hall.ana.direct(at.hall.double.bot) == []
        assert at.hall.screen == []


async def test_what_a_cut_off_delivery_posted_goes_too(sounds: tuple[Made, Tale]) -> None:
    async with evening(sounds, {"text_in_thread": True}) as at:
        finished = await at.brought(long_story(at.story, 300), after_s=90)
        threads = [one for one in at.hall.double.world.guilds[at.hall.guild.id].channels.values() if one.is_thread]
        kept = await at.library.tales.get(at.hall.tale.id)
        assert kept is not None, "nobody noted that it is finished"
        assert [number(one) for one in finished] == [message for _, message in posts_of(kept)][: len(finished)]
        await take_down(at.hall.client, [kept])
        assert at.hall.ana.screen(threads[0]) == []
        assert at.hall.screen == []


async def test_pages_that_an_earlier_version_put_into_a_thread_go_too(sounds: tuple[Made, Tale]) -> None:
    async with evening(sounds, {"text_in_thread": True}) as at:
        finished = await at.brought(long_story(at.story, 300), after_s=90)
        threads = [one for one in at.hall.double.world.guilds[at.hall.guild.id].channels.values() if one.is_thread]
        await take_down(at.hall.client, [at.known(delivered=tuple(str(number(one)) for one in finished))])
        assert at.hall.screen == []
        assert at.hall.ana.screen(threads[0]) == []


async def test_what_an_earlier_version_delivered_goes_from_the_cards_channel(sounds: tuple[Made, Tale]) -> None:
    async with evening(sounds) as at:
        (message,) = await at.brought(after_s=90)
        gone = at.known(delivered=(str(number(message)),))
        await take_down(at.hall.client, [gone])
        assert at.hall.screen == []
