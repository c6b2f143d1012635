"""What a member sees of a card."""

from __future__ import annotations

import asyncio

from bot.card.state import CardState
from pipeline.words.event import Failed
from tests.bot.card.events import INTRO_S, PASSAGE_S, TEXTS, tale
from tests.bot.card.hall import Hall, hall
from tests.discord_double.permissions import May

AN_EDIT_S = 1.6


async def told(at: Hall, seconds: float = AN_EDIT_S) -> None:
    """Time for an edit."""
    at.double.clock.advance(seconds)


async def test_the_answer_becomes_the_card_and_follows_the_tale() -> None:
    async with hall() as at:
        card = at.card()
        await card.start()
        assert "Next in line" in at.reply.shown.text
        for event in tale()[:-1]:
            card.feed(event)
        await card.close()
        assert "The Lamp" in at.reply.shown.text
        assert "97 % · writing" in at.reply.shown.text
        assert [one.id for one in at.screen] == [at.reply.shown.id]
        assert (at.stood[0].message, at.stood[0].channel) == (at.reply.shown.id, at.guild.text.id)


async def test_news_in_a_rush_are_one_edit() -> None:
    async with hall() as at:
        card = at.card()
        await card.start()
        edits: list[str] = []
        for event in tale()[:-1]:
            card.feed(event)
        assert "Next in line" in at.reply.shown.text
        await told(at)
        await at.reply.shown.until(lambda seen: "The Lamp" in seen.text)
        edits.append(at.reply.shown.text)
        await card.close()
        assert edits == [at.reply.shown.text]


async def test_after_a_quarter_of_an_hour_it_is_a_message_of_the_channel() -> None:
    async with hall() as at:
        card = at.card()
        await card.start()
        at.double.clock.advance(16 * 60)
        for event in tale()[:-1]:
            card.feed(event)
        await card.close()
        assert "97 %" in at.reply.shown.text
        assert len(at.screen) == 1


async def test_whoever_still_reads_that_the_bot_thinks_is_answered_there_however_late_it_seems() -> None:
    async with hall() as at:
        card = at.card(at.post(asked_at=at.double.clock.now_s() - 16 * 60))  # a clock that was set forward
        await card.start()
        assert "Next in line" in at.reply.shown.text
        assert [one.id for one in at.screen] == [at.reply.shown.id]


async def test_an_answer_that_comes_too_late_is_a_message_of_the_channel() -> None:
    async with hall() as at:
        card = at.card()
        at.double.clock.advance(16 * 60)
        await card.start()
        assert "Next in line" in at.screen[-1].text
        assert at.screen[-1].id != at.reply.shown.id


async def test_after_a_restart_the_same_message_goes_on() -> None:
    async with hall() as at:
        before = at.card()
        await before.start()
        for event in tale()[:8]:
            before.feed(event)
        await before.close()
        at.double.clock.advance(3_600)
        after = at.card(at.post(**at.known()))
        await after.start()
        for event in tale()[:-1]:
            after.feed(event)
        await after.close()
        assert "97 %" in at.reply.shown.text
        assert len(at.screen) == 1


async def test_a_deleted_card_is_not_posted_again() -> None:
    async with hall() as at:
        card = at.card()
        await card.start()
        at.guild.owner.deletes(at.reply.shown)
        for event in tale()[:-1]:
            card.feed(event)
        await card.close()
        assert at.screen == []
        assert card.post.gone
        assert card.state.share == 0.97


async def test_a_lost_answer_never_doubles_the_card() -> None:
    async with hall() as at:
        at.double.faults.fail("POST", "/messages", 503, after=True)
        card = at.card(at.post(interaction_token=""), CardState.of(at.tale))
        await card.start()
        for event in tale()[:-1]:
            card.feed(event)
        await card.close()
        posted = [seen for seen in at.screen if seen.id != at.reply.shown.id]
        assert ["97 %" in seen.text for seen in posted] == [True]


async def test_where_embeds_are_forbidden_the_card_is_words() -> None:
    async with hall() as at:
        at.guild.owner.forbids(at.double.bot, at.guild.text, May.EMBED_LINKS)
        card = at.card(at.post(interaction_token=""))
        await card.start()
        assert "Next in line" in at.screen[-1].content


async def test_the_last_word_is_left_to_the_delivery() -> None:
    async with hall() as at:
        card = at.card()
        await card.start()
        before = at.reply.shown.text
        for event in tale():
            card.feed(event)
        await card.close()
        assert at.reply.shown.text == before


async def test_a_failed_tale_says_why_and_may_be_tried_again() -> None:
    async with hall() as at:
        card = at.card()
        await card.start()
        card.feed(Failed("tale_broke", {"state": "error"}))
        await card.close()
        assert "Something broke" in at.reply.shown.text
        assert at.tale.id[:8] in at.reply.shown.text
        assert [each.label for each in at.reply.shown.buttons] == ["Try again"]


async def test_where_no_voice_can_be_had_the_card_says_so() -> None:
    async with hall() as at:
        card = at.card()
        await card.start()
        for event in tale()[:-1]:
            card.feed(event)
        card.without_voice("booth_full", channel="Fireside")
        await card.close()
        assert "Fireside is full" in at.reply.shown.text
        assert TEXTS[-1] in at.reply.shown.text


async def test_a_told_tale_is_followed_to_its_last_word_before_it_is_given_away() -> None:
    async with hall() as at:
        card = at.card()
        await card.start()
        for event in tale():
            card.feed(event)
        heard_out = asyncio.create_task(card.heard_out())
        end_s = INTRO_S + PASSAGE_S * len(TEXTS)
        for at_s in (0.0, INTRO_S + 0.1, INTRO_S + PASSAGE_S * 3 + 0.1):
            card.heard_to(at_s)
            await told(at)
        seen = await at.reply.shown.until(lambda seen: TEXTS[-1] in seen.text)
        assert "100 %" in seen.text
        assert not heard_out.done()
        card.heard_to(end_s)
        at.double.clock.advance(2)
        await asyncio.wait_for(heard_out, 5)


async def test_nobody_waits_for_a_voice_that_left() -> None:
    async with hall() as at:
        card = at.card()
        for event in tale():
            card.feed(event)
        at.double.clock.rate_to(200)
        await asyncio.wait_for(card.heard_out(), 5)
        assert card.state.awaits_voice
