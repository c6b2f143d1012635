"""The bot, put together."""

from __future__ import annotations

import asyncio
import importlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from discord import app_commands

from bot.actions.errands import Errands
from bot.actions.film_button import Filming
from bot.actions.ideas import openings
from bot.actions.mood_words import Weighing
from bot.actions.player_buttons import buttons_of
from bot.actions.report_buttons import Objections
from bot.actions.review_buttons import offering
from bot.actions.search_by_meaning import MeaningSearch
from bot.actions.standing_button import StandingButton
from bot.actions.tale_actions import Deeds
from bot.actions.tale_again import Retelling
from bot.actions.tale_buttons import TaleButton
from bot.actions.tale_change import Changing
from bot.actions.tale_choices import voice_table
from bot.card.live import LiveCard
from bot.card.render import CardStyle
from bot.card.state import CardState
from bot.client import TaleBot
from bot.commands import play
from bot.commands.welcome import examples
from bot.delivery.deliver import Courier
from bot.gate.gate import Gate
from bot.library.records import DeliveryOptions, HeardAs, KeptTale, ServerSettings
from bot.maintenance.executor_keeper import Keeper, here
from bot.maintenance.writer_switch import WriterSwitch
from bot.moderation.story_review import StoryReview, Undoing
from bot.momentary import beside
from bot.newsroom import Newsroom
from bot.pools import Pools
from bot.privacy.sweep import sweep_for_ever
from bot.request_tale.timetable import Timetable
from bot.services import Press, Services, one_table
from bot.tracker.open_tales import ToldNow
from bot.tracker.outputs import Faces
from bot.tracker.tale_tracker import Teller
from bot.ui.card_message import card_of
from bot.ui.message import ButtonAction
from bot.ui.mood_style import colour_of
from bot.uploads import Uploads
from bot.voice.discord_inside import check_fits
from bot.voice.listening.cleanup import Forgetting, Unfinished
from bot.voice.listening.manager import Earshot
from bot.voice.player.players import Booths
from bot.voice.player.scores import Scores
from bot.voice.receive.turn_end import in_weights
from pipeline.artifacts import Artifacts, artifacts_of
from pipeline.places import Places
from pipeline.road.door import Door, door
from pipeline.settings import Settings, read_settings
from pipeline.wording import locales, table_of
from pipeline.words.jsonable import make_ready
from pipeline.words.mood import Emotion
from pipeline.words.prompt import Prompt
from pipeline.words.standing import ExecutorInfo
from pipeline.words.tale import Tale

if TYPE_CHECKING:
    from bot.library.library import Library
    from bot.privacy.privacy import Privacy

COMMANDS = (
    *("tale", "message", "queue", "help", "about", "voice"),
    *("news", "schedule", "listen", "play", "score", "server_settings", "tales", "world", "privacy", "stop_all"),
)
"""Modules of bot/commands; each offers `add_to(tree)`."""


def build(
    token: str,
    *,
    connector: aiohttp.BaseConnector | None = None,
    home: Path | None = None,
    keep_executor: bool = True,
    clock: Callable[[], float] = time.time,
) -> TaleBot:
    """Return the bot, not yet started; without `keep_executor` the caller runs one.

    `home` holds everything, as ECHOTALES_HOME does; the executor that the bot keeps works there too.
    """
    check_fits()  # before a token is used: a discord.py that does not fit must not go online
    settings = read_settings()
    places = Places.here({"ECHOTALES_HOME": str(home)}) if home else Places.here()

    @asynccontextmanager
    async def furnish(bot: TaleBot) -> AsyncIterator[Services]:
        async with AsyncExitStack() as rooms:
            if keep_executor:
                await rooms.enter_async_context(_executor_kept(places, home))
            yield await _furnished(rooms, bot, places, settings, clock)

    return TaleBot(furnish, [_adder(name) for name in COMMANDS], token, connector=connector, shards=settings.shards)


async def _furnished(
    rooms: AsyncExitStack, bot: TaleBot, places: Places, settings: Settings, clock: Callable[[], float]
) -> Services:
    from bot.privacy.privacy import Privacy  # here: it imports the databases' library

    await asyncio.to_thread(warm)
    pools, artifacts, library, at = await _stores(rooms, places, settings, clock)
    # `rooms` closes in reverse order: what uses a thing is entered after it.
    now = ToldNow(places.state)
    booths = _booths(bot, artifacts, library, now, places)
    rooms.push_async_callback(booths.close)
    unfinished = Unfinished(places.state / "unfinished.json")
    weighing = Weighing(errands := Errands(at, artifacts, unfinished, pools.files))
    rooms.push_async_callback(weighing.close)
    privacy = Privacy(library, at, artifacts, places.home, (booths.silence, weighing.forget), pools.files)
    courier = Courier(bot, artifacts, library, clock, pools)
    watch = await rooms.enter_async_context(_review(bot, library, at, privacy, courier, pools))
    standing = await rooms.enter_async_context(StandingButton(bot, library.servers.of))
    search = MeaningSearch(library, errands)
    forgets = Forgetting(artifacts, library.tales, pools.files, at.tell_erased)
    followers = (watch, booths, forgets, now, standing, bot.metrics, search)
    faces, remember = Faces(partial(_card, bot, library, clock), watch.bring, followers), partial(_remembered, library)
    telling = Teller(at, artifacts, library.tales, faces, clock, files=pools.files, remember=remember)
    teller = await rooms.enter_async_context(telling)
    await rooms.enter_async_context(_sweeping(bot, privacy, clock))
    await rooms.enter_async_context(_on_time(bot, at, library, teller, newsroom := Newsroom(library), pools, clock))
    await rooms.enter_async_context(beside(search.keep_up(), "meaning"))
    ears = await rooms.enter_async_context(_earshot(at, artifacts, library, booths, unfinished, pools, places))
    bot.add_dynamic_items(TaleButton)
    return Services(
        at,
        artifacts,
        library,
        teller,
        Gate(library.tales, library.servers),
        settings,
        clock,
        booths=booths,
        ears=ears,
        now=now,
        privacy=privacy,
        watch=watch,
        pools=pools,
        uploads=Uploads(artifacts, pools.files, privacy.erase_refused),
        writer=WriterSwitch(places),
        newsroom=newsroom,
        search=search,
        scores=_scores(rooms, booths, artifacts, errands),
        presses=_presses(library, teller, artifacts, privacy, weighing),
    )


def _scores(rooms: AsyncExitStack, booths: Booths, artifacts: Artifacts, errands: Errands) -> Scores:
    scores = Scores(errands.part, artifacts, booths.blocks, lambda guild_id: booths.of(guild_id).busy)
    rooms.push_async_callback(scores.close)
    return scores


def _review(bot: TaleBot, library: Library, at: Door, privacy: Privacy, courier: Courier, pools: Pools) -> StoryReview:
    undo = Undoing(library, at.cancel, privacy.erase_tales, bot)
    return StoryReview(library.servers.of, courier.bring, undo, pools.words)


def _booths(bot: TaleBot, artifacts: Artifacts, library: Library, now: ToldNow, places: Places) -> Booths:
    marks, count = places.state / "bookmarks.json", partial(_counted, library)
    return Booths(bot, artifacts.path, library.servers.of, marks, buttons=buttons_of, able=now.able, count=count)


def _earshot(
    at: Door, artifacts: Artifacts, library: Library, booths: Booths, left: Unfinished, pools: Pools, places: Places
) -> Earshot:
    hearing = in_weights(places.weights)
    return Earshot(at, artifacts, library.consents, library.voices, booths.call, left, pools.files, hearing)


async def _stores(
    rooms: AsyncExitStack, places: Places, settings: Settings, clock: Callable[[], float]
) -> tuple[Pools, Artifacts, Library, Door]:
    # The databases' own library is a third of all that is imported: not before somebody opens them.
    from bot.library.library import open_library
    from bot.maintenance.only_bot import alone_at, alone_on

    places.state.mkdir(parents=True, exist_ok=True)
    # Before anything is opened: a second bot would erase the first one's recordings as left behind.
    rooms.enter_context(alone_at(places.state))
    pools = Pools()
    rooms.callback(pools.close)
    artifacts = artifacts_of(places.artifacts, settings.artifacts_url, settings.data_key)
    where = settings.database_url or places.home
    library = await rooms.enter_async_context(open_library(where, settings.data_key, clock))
    # Once more on the database: a file's lock does not reach other machines.
    await rooms.enter_async_context(alone_on(library.engine))
    at = await rooms.enter_async_context(door(places.road(settings.database_url), settings.data_key))
    return pools, artifacts, library, at


def _presses(
    library: Library, teller: Teller, artifacts: Artifacts, privacy: Privacy, weighing: Weighing
) -> Mapping[str, Press]:
    deeds = Deeds(library, artifacts, privacy.erase_tales, weighing)
    objections = Objections(library, teller, privacy.erase_tales)
    again = Retelling(teller, artifacts)
    filming = Filming(weighing.errands)
    return one_table(
        deeds.table(),
        objections.table(),
        again.table(),
        Changing(artifacts).table(),
        {ButtonAction.PLAY: play.pressed, ButtonAction.FILM: filming.film},
    )


@asynccontextmanager
async def _on_time(
    bot: TaleBot,
    at: Door,
    library: Library,
    teller: Teller,
    newsroom: Newsroom,
    pools: Pools,
    clock: Callable[[], float],
) -> AsyncIterator[None]:
    timetable = Timetable(at, library, teller, newsroom, pools.words, clock, offering(bot), partial(_present, bot))
    async with beside(timetable.keep(), "timetable"):
        yield


def _present(bot: TaleBot) -> set[str] | None:
    """Return where the bot is; None until the gateway has listed all servers."""
    return {str(guild.id) for guild in bot.guilds} if bot.is_ready() else None


@asynccontextmanager
async def _sweeping(bot: TaleBot, privacy: Privacy, clock: Callable[[], float]) -> AsyncIterator[None]:
    # A server that is not known yet must not count as left.
    async with beside(sweep_for_ever(privacy, partial(_present, bot), clock), "sweep"):
        yield


async def _card(bot: TaleBot, library: Library, clock: Callable[[], float], tale: KeptTale) -> LiveCard:
    look = CardStyle(tale.delivery.locale, tale.delivery.plain)
    return LiveCard(card_of(bot, tale, library.tales, clock), CardState.of(tale), look)


async def _counted(library: Library, tale: str, server: str, what: HeardAs, members: frozenset[str]) -> None:
    kept = await library.tales.get(tale)
    # Only where the server says so; and a tale is weighed in its own server, or it would be known in another.
    if kept is not None and kept.server == server and (await library.servers.of(server)).counts_heard:
        await library.taste.count(tale, server, members, what)


async def _remembered(library: Library, tale: KeptTale, story: Tale) -> None:
    await library.worlds.remember(tale, story, await library.servers.of(tale.server))


@asynccontextmanager
async def _executor_kept(places: Places, home: Path | None) -> AsyncIterator[None]:
    """Keep an executor running, and stop it with the bot; what it has begun goes on at the next start."""
    keeper = Keeper(here(places.state, socket.gethostname(), home))
    try:
        async with beside(keeper.keep(), "keeper"):
            yield
    finally:
        await keeper.stop()


def _adder(name: str) -> Callable[[app_commands.CommandTree[TaleBot]], None]:
    add_to: Callable[[app_commands.CommandTree[TaleBot]], None] = importlib.import_module(f"bot.commands.{name}").add_to
    return add_to


def warm() -> None:
    """Read tables and build readers that would hold the loop at the first tale; runs on a thread."""
    make_ready(Prompt, Tale, DeliveryOptions, ServerSettings, ExecutorInfo)
    for locale in locales():
        table_of(locale)
        openings(locale)
    for made in (voice_table, examples):
        made()
    colour_of(Emotion.NEUTRAL)
