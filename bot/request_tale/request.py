"""Turns a member's wish into a tale."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.gate.caller import Asker, asker_of
from bot.gate.mention_marks import mark_of
from bot.gate.visible_tales import viewer_of
from bot.gate.word_filter import hold_out_of_danger, hold_to_words, said_in, words_of
from bot.library.records import LEARNT, KeptTale, ServerSettings, Where
from bot.moderation.mod_log import note_asked, note_refused
from bot.request_tale.options import RATINGS, Draft, TaleOptions, delivery_of, rating_of, where_of
from bot.request_tale.recalled import entries_for, is_fit, picked
from bot.services import Services, services_of
from bot.tracker.open_tales import coming
from bot.tracker.tale_tracker import TaleRequest
from bot.ui.escape import named_in, told_of
from bot.ui.refusals import warning_of
from bot.voice.player.timings import LEVELS
from pipeline.errors import Refused
from pipeline.words.prompt import (
    MAX_PERSONA_CHARS,
    MAX_PROMPT_CHARS,
    WORDS_PER_MINUTE,
    Prompt,
    Said,
    told_words,
)
from pipeline.words.sound import Artifact
from pipeline.words.source import MANNERS, StorySource, TellerManner

if TYPE_CHECKING:
    from bot.library.library import Library

MOST_NAMED = 5
"""People whose names are asked of Discord for one wish."""
_NAME_WITHIN_S = 2.0


HELP_FIRST_CHARS = MAX_PERSONA_CHARS + len("\n") + MAX_PROMPT_CHARS
"""Characters checked for danger before anything else: all that can be typed. Longer texts wait for the gate."""


Attached = Callable[[], Awaitable[Draft]]
"""Fetches an attachment and returns the draft. Raises TaleError."""


async def begin(
    interaction: discord.Interaction, draft: Draft, chosen: TaleOptions, attached: Attached | None = None
) -> KeptTale:
    """Ask for a tale; the interaction was deferred, and its answer becomes the card. Raises Refused."""
    services, asker = services_of(interaction), asker_of(interaction)
    rules = await services.library.servers.of(asker.server)
    try:
        if attached is None:
            tale = await services.teller.begin(await _wish(interaction, asker, rules, draft, chosen))
        else:
            tale = await _begun_with(attached, interaction, asker, rules, draft, chosen)
    except Refused as error:
        await note_refused(interaction, rules, error)
        raise
    notes = (
        coming(await services.now.standing(), asker.locale),
        "" if tale.delivery.only_me else warning_of(interaction),
    )
    if any(notes):
        # After the card: a follow-up before it would take the deferred answer's place.
        await services.teller.carded(tale.id)
        await interaction.followup.send("\n".join(filter(None, notes)), ephemeral=True)
    await note_asked(interaction, rules, tale)
    return tale


async def _begun_with(
    attached: Attached,
    interaction: discord.Interaction,
    asker: Asker,
    rules: ServerSettings,
    draft: Draft,
    chosen: TaleOptions,
) -> KeptTale:
    """Begin a tale with an attachment: fetched only for who may ask, and not kept where it is refused."""
    services = services_of(interaction)
    await _help_first(services, asker, draft, chosen)
    async with services.uploads.room:
        # The length is checked again once it is known what is attached.
        await services.gate.admit(asker, rules, min(rules.words, rules.most_words), services.clock())
        read = await attached()
        wish = await _wish(interaction, asker, rules, read, chosen)
        if read.upload is None:
            return await services.teller.begin(wish)
        async with services.uploads.kept(read.upload, wish.id) as recording:
            return await services.teller.begin(replace(wish, prompt=replace(wish.prompt, recording=recording)))


async def _help_first(services: Services, asker: Asker, draft: Draft, chosen: TaleOptions) -> str:
    """Return all words that are known by now; raises Refused `prompt_danger`."""
    whole = said_in(f"{chosen.storyteller.persona}\n{draft.text}", draft.said)
    whole = f"{whole}\n{draft.source.text}" if draft.source else whole
    await services.pools.words.run(hold_out_of_danger, whole[:HELP_FIRST_CHARS], asker.locale)
    return whole


def asked_words(chosen: TaleOptions, rules: ServerSettings, draft: Draft | None = None) -> int:
    usual = draft.source.words if draft and draft.source else rules.words
    return chosen.words or min(usual, rules.most_words)


async def _wish(
    interaction: discord.Interaction, asker: Asker, rules: ServerSettings, draft: Draft, chosen: TaleOptions
) -> TaleRequest:
    """Check all that can be checked before it is told, and return the request; help comes before any rule."""
    services = services_of(interaction)
    reading, whole = services.pools.words, await _help_first(services, asker, draft, chosen)
    delivery = delivery_of(chosen, asker, rules)
    written = written_words(draft.text, rules.most_words) if draft.as_written else asked_words(chosen, rules, draft)
    await services.gate.admit(asker, rules, written, services.clock())
    if len(whole) > HELP_FIRST_CHARS:
        await reading.run(hold_out_of_danger, whole, asker.locale)
    named = replace(draft, text=await with_names(interaction, draft.text)) if not draft.as_written else draft
    prompt = await prompt_of(services.library, asker, rules, named, replace(chosen, words=written))
    seen = (await viewer_of(interaction, services.library)).channels
    prompt = await with_world(services.library, asker, rules, prompt, seen, only_me=chosen.only_me)
    await reading.run(hold_to_words, words_of(prompt), rules, prompt.rating)
    tale, where = uuid.uuid4().hex, (asker.server, asker.channel, asker.member)
    others = {*named_in(draft.text)[:MOST_NAMED], *draft.people} - {asker.member}
    delivery = replace(delivery, named=tuple(sorted(mark_of(tale, one) for one in others)))
    return TaleRequest(tale, *where, prompt, delivery, interaction.token, asker.sits_in if delivery.where.aloud else "")


def written_words(text: str, most: int) -> int:
    """Count the words of a text told as written; raises Refused `written_too_long`, in minutes."""
    words = told_words(text)
    if words > most:
        raise Refused("written_too_long", minutes=round(words / WORDS_PER_MINUTE), most=most // WORDS_PER_MINUTE)
    return words


async def wish_of_call(
    services: Services, asker: Asker, rules: ServerSettings, said: tuple[Said, ...], speakers: set[str]
) -> TaleRequest:
    """Return what was said in a call as a request whose card is a message of its own. Raises Refused."""
    reading = services.pools.words
    await reading.run(hold_out_of_danger, said_in("", said), asker.locale)
    names = tuple(dict.fromkeys(one.name for one in said if one.name))
    chosen = TaleOptions(words=min(rules.words, rules.most_words))
    prompt = await prompt_of(services.library, asker, rules, Draft(said=said, names=names), chosen)
    prompt = await with_world(services.library, asker, rules, prompt, (), only_me=False)
    await reading.run(hold_to_words, words_of(prompt), rules, prompt.rating)
    tale, where = uuid.uuid4().hex, (asker.server, asker.channel, asker.member)
    others = tuple(sorted(mark_of(tale, one) for one in speakers - {asker.member}))
    delivery = replace(delivery_of(chosen, asker, rules), named=others)
    return TaleRequest(tale, *where, prompt, delivery, sits_in=asker.sits_in if delivery.where.aloud else "")


def door_rules(rules: ServerSettings) -> ServerSettings:
    """Return a server's rules without its channels and roles: whoever made the key decided who may ask here."""
    return replace(rules, channels=(), never_here=(), roles=(), voice_roles=())


async def prompt_of(library: Library, asker: Asker, rules: ServerSettings, draft: Draft, chosen: TaleOptions) -> Prompt:
    """Return the wish with all that the member and the server decided."""
    words_only = where_of(chosen, asker, rules) is Where.WORDS
    if draft.again is not None:
        voice, learnt = await _narrator(library, asker, draft.again.voice or "")
        feeling = draft.again.read_feeling and rules.read_feeling
        rating = min(rating_of(asker, rules), draft.again.rating, key=RATINGS.index)
        effects = draft.again.effects and rules.effects
        held = replace(draft.again, rating=rating, read_feeling=feeling, words_only=words_only, effects=effects)
        held = replace(held, pictures=rules.pictures and not rules.plain)
        return replace(held, voice=voice, learnt=learnt)
    wished = chosen.voice or await library.voices.chosen(asker.member) or rules.voice
    voice, learnt = await _narrator(library, asker, wished)
    return Prompt(
        text=draft.text,
        seed=random.getrandbits(31),
        words=chosen.words,
        language=chosen.language or rules.language or None,
        style=chosen.style or None,
        mood=chosen.mood,
        voice=voice,
        learnt=learnt,
        as_written=draft.as_written,
        recording=draft.recording,
        said=draft.said,
        read_feeling=draft.read_feeling and rules.read_feeling,
        rating=rating_of(asker, rules),
        lately=await library.tales.lately(asker.server, asker.member),
        before=draft.before,
        names=draft.names,
        storyteller=replace(chosen.storyteller, persona=told_of(chosen.storyteller.persona, {})),
        speaking=replace(chosen.manner.over(await library.voices.speaking(asker.member)), say_as=rules.say_as),
        music=LEVELS[rules.music],
        effects=chosen.effects and rules.effects,
        source=told_by(draft.source, chosen),
        words_only=words_only,
        pictures=rules.pictures and not rules.plain,
    )


async def with_world(
    library: Library, asker: Asker, rules: ServerSettings, prompt: Prompt, seen: Collection[str], *, only_me: bool
) -> Prompt:
    """Return the wish with what the world knows that it may mean; one told again keeps what it had."""
    if prompt.as_written or prompt.known:
        return prompt
    where = (asker.server, asker.channel, asker.member)
    entries = await entries_for(library, rules, where, seen, only_me=only_me)
    text = said_in(prompt.text, prompt.said)
    # On a thread: a world may have ten thousand entries.
    known, meets = await asyncio.to_thread(picked, entries, text, asker.channel, rules.meets, prompt.seed)
    fit = await asyncio.to_thread(lambda: tuple(one for one in known if is_fit(one, rules, prompt.rating)))
    return replace(prompt, known=fit, meets=meets)


def told_by(source: StorySource | None, chosen: TaleOptions) -> StorySource | None:
    """Return the source with the manner that goes with the style chosen, where it brings none of its own."""
    if source is None or source.manner is not TellerManner.TELLER:
        return source
    return replace(source, manner=MANNERS.get(chosen.style, TellerManner.TELLER))


async def _narrator(library: Library, asker: Asker, voice: str) -> tuple[str | None, Artifact | None]:
    """Return the narrator; for a learnt voice that the member may not use, none, without a word about it."""
    learnt = await library.voices.get(voice, asker.member, asker.server) if voice else None
    if learnt is None:
        return (None if voice.startswith(LEARNT) else voice or None), None
    return learnt.blend or learnt.id, learnt.learnt


async def with_names(interaction: discord.Interaction, text: str) -> str:
    """Whoever is mentioned is called by name; who cannot be found in time is left out."""
    guild = interaction.guild
    names = {str(one.id): one.name for one in (*guild.roles, *guild.channels, *guild.threads)} if guild else {}
    people = named_in(text)[:MOST_NAMED]
    return told_of(text, names | await _people(interaction, people)) if "<" in text else told_of(text, {})


async def _people(interaction: discord.Interaction, people: tuple[str, ...]) -> dict[str, str]:
    guild = interaction.guild
    known = {str(interaction.user.id): interaction.user.display_name}
    unknown = [one for one in people if one not in known]
    if guild is None or not unknown:
        return known
    try:
        async with asyncio.timeout(_NAME_WITHIN_S):
            found = await asyncio.gather(*(guild.fetch_member(int(one)) for one in unknown), return_exceptions=True)
    except TimeoutError:
        return known
    return known | {str(one.id): one.display_name for one in found if isinstance(one, discord.Member)}
