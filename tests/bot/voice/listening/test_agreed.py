"""Nothing is read without consent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.library.library import Library, open_library
from bot.library.records import Consent
from bot.voice.listening.consent import HEARD_OFTEN, Agreed
from bot.voice.listening.transcription import SpeakerTurn
from pipeline.words.answer import Transcribed
from pipeline.words.sound import Transcript

ANA, RUI, HERE, THERE = 1, 2, 10, 20


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    """Empty."""
    async with open_library(tmp_path) as made:
        yield made


def agreed(library: Library, *, server: int = HERE, words_only: bool = False) -> Agreed:
    return Agreed(library.consents, library.voices, server, words_only)


def turn(member: int, *tone: float) -> SpeakerTurn:
    return SpeakerTurn(member, 0.0, told=Transcribed(Transcript("A fox.", "en", 0.9), None, tone))


async def test_a_usual_voice_is_kept_of_who_agreed_to_that_and_of_nobody_else(library: Library) -> None:
    here = agreed(library)
    await here.give(ANA, always=True)
    await here.give(RUI, always=False)
    await here.learn([turn(ANA, 1.0, 4.0), turn(RUI, 9.0, 9.0), turn(ANA, 3.0, 0.0), turn(ANA)])
    assert await library.voices.usual(str(ANA)) == (2.0, 2.0)
    assert await library.voices.usual(str(RUI)) == ()


async def test_it_is_used_once_it_was_heard_often_enough_to_be_usual(library: Library) -> None:
    here = agreed(library)
    await here.give(ANA, always=True)
    await here.learn([turn(ANA, 1.0)] * (HEARD_OFTEN - 1))
    assert await here.usual(ANA) == ()
    await here.learn([turn(ANA, 1.0)])
    assert await here.usual(ANA) == (1.0,)
    assert await here.usual(RUI) == ()
    tomorrow = agreed(library)
    assert await tomorrow.remembered(ANA)
    assert await tomorrow.usual(ANA) == (1.0,)


async def test_it_goes_with_the_last_consent_to_it(library: Library) -> None:
    here, there = agreed(library), agreed(library, server=THERE)
    for each in (here, there):
        await each.give(ANA, always=True)
    await here.learn([turn(ANA, 1.0)])
    await here.take_back(ANA)
    assert await library.voices.usual(str(ANA)) == (1.0,), "it still stands elsewhere"
    await there.take_back(ANA)
    assert await library.voices.usual(str(ANA)) == ()
    assert await library.consents.of_member(str(ANA)) == []


async def test_agreeing_anew_keeps_it_and_taking_it_back_everywhere_ends_it(library: Library) -> None:
    here = agreed(library)
    await here.give(ANA, always=True)
    await here.learn([turn(ANA, 1.0)])
    await here.give(ANA, always=True)
    assert await library.voices.usual(str(ANA)) == (1.0,)
    await library.consents.withdraw(str(ANA), [Consent.USUAL])
    assert await library.voices.usual(str(ANA)) == ()
    await here.learn([turn(ANA, 1.0)])
    assert await library.voices.usual(str(ANA)) == (), "taken back in the midst of a listening"


async def test_it_goes_with_the_member_and_with_the_only_server_that_kept_it(library: Library) -> None:
    here = agreed(library)
    for member in (ANA, RUI):
        await here.give(member, always=True)
        await here.learn([turn(member, 1.0)])
    await library.erasing.member(str(ANA))
    assert await library.voices.usual(str(ANA)) == ()
    assert await library.voices.usual(str(RUI)) == (1.0,)
    await library.erasing.server(str(HERE))
    assert await library.voices.usual(str(RUI)) == ()


async def test_who_agreed_to_words_is_read_no_feeling_when_the_server_changes_its_mind(library: Library) -> None:
    await agreed(library, words_only=True).give(ANA, always=True)
    given = [one.what for one in await library.consents.of_member(str(ANA))]
    assert given == [Consent.LISTEN]
    later = agreed(library)
    assert await later.remembered(ANA)
    assert (later.heard, later.felt, later.kept) == ({ANA}, set(), set())


async def test_where_words_alone_are_read_no_older_consent_opens_more(library: Library) -> None:
    await agreed(library).give(ANA, always=True)
    words = agreed(library, words_only=True)
    assert await words.remembered(ANA)
    assert (words.heard, words.felt, words.kept) == ({ANA}, set(), set())
