"""A wish through the open door."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.gate.caller import Asker
from bot.gate.word_filter import hold_out_of_danger, hold_to_words, words_of
from bot.library.records import WEB, DeliveryOptions, Where
from bot.request_tale.attachments import MOST_TEXT_BYTES
from bot.request_tale.options import Draft, ProsodyOptions, TaleOptions
from bot.request_tale.request import asked_words, door_rules, prompt_of, with_world, written_words
from bot.tracker.tale_tracker import TaleRequest
from bot.web.services import WebServices
from pipeline.errors import Refused
from pipeline.words.mood import Emotion
from pipeline.words.prompt import LEAST_WORDS, MAX_PERSONA_CHARS, MAX_PROMPT_CHARS, MOST_WORDS, Storyteller

_Short = Annotated[str, StringConstraints(max_length=100)]


class TaleWish(BaseModel):
    """What somebody wants a tale of."""

    model_config = ConfigDict(extra="forbid")

    prompt: str = Field(min_length=1, max_length=MOST_TEXT_BYTES, description="The wish, or the text itself")
    as_written: bool = Field(default=False, description="Tell these very words, every word once")
    words: int = Field(0, ge=0, le=MOST_WORDS, description="Length; 0 for the server's usual")
    language: _Short = Field("", description="en, pt, es ...; empty to read it from the words")
    style: _Short = Field("", description="bedtime, comedy, epic, fable ...")
    mood: Emotion | None = Field(None, description="Empty to read it from the words")
    voice: _Short = Field("", description="Of /v1/voices; empty to let the cast choose")
    persona: str = Field("", max_length=MAX_PERSONA_CHARS, description="Who tells it: an old sailor")
    pace: float | None = Field(None, ge=0.7, le=1.4)
    effects: bool = True
    words_only: bool = Field(default=False, description="Written and no more")
    only_me: bool = Field(default=False, description="Nobody else sees it")
    live: bool = Field(default=True, description="Somebody listens while it is made")
    seed: int | None = Field(None, ge=0, lt=2**31, description="The same seed is the same tale")
    webhook: str = Field("", max_length=2_000, description="Is sent one signed message when the tale is done")

    def options(self) -> TaleOptions:
        """Return it as a member's options."""
        manner = ProsodyOptions(pace=self.pace)
        teller = Storyteller(persona=self.persona)
        words = max(LEAST_WORDS, self.words) if self.words else 0
        where = Where.WORDS if self.words_only else None
        return TaleOptions(
            words,
            self.style,
            self.mood,
            self.language,
            self.voice,
            where,
            self.only_me,
            manner=manner,
            storyteller=teller,
            effects=self.effects,
        )


async def wish_of(web: WebServices, asker: Asker, wish: TaleWish) -> TaleRequest:
    """Check all that can be checked before it is told; help comes before any rule. Raises Refused."""
    if not wish.as_written and len(wish.prompt) > MAX_PROMPT_CHARS:
        raise Refused("prompt_too_long", chars=len(wish.prompt), most=MAX_PROMPT_CHARS)
    await web.pools.words.run(hold_out_of_danger, f"{wish.persona}\n{wish.prompt}", asker.locale)
    rules, chosen = door_rules(await web.library.servers.of(asker.server)), wish.options()
    words = written_words(wish.prompt, rules.most_words) if wish.as_written else asked_words(chosen, rules)
    await web.gate.admit(asker, rules, words, web.clock())
    draft = Draft(wish.prompt, as_written=wish.as_written)
    prompt = await prompt_of(web.library, asker, rules, draft, replace(chosen, words=words))
    prompt = await with_world(web.library, asker, rules, prompt, {WEB}, only_me=wish.only_me)
    if wish.seed is not None:
        prompt = replace(prompt, seed=wish.seed)
    await web.pools.words.run(hold_to_words, words_of(prompt), rules, prompt.rating)
    where = Where.WORDS if prompt.words_only else Where.BOTH if wish.live else Where.UPLOAD
    delivery = DeliveryOptions(where, wish.only_me, locale=asker.locale, webhook=wish.webhook)
    return TaleRequest(uuid.uuid4().hex, asker.server, asker.channel, asker.member, prompt, delivery)
