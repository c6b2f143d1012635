"""Speech, music, transcripts and feelings."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field, StringConstraints

from bot.actions.tale_choices import voice_table
from bot.gate.word_filter import hold_out_of_danger, hold_to_words
from bot.library.keys import KeptKey, KeyScope
from bot.request_tale.options import rating_of
from bot.request_tale.request import door_rules
from bot.voice.listening.transcription_job import tidied
from bot.web.access import asker_of_key, needs, web_of
from bot.web.answers import Flow, sound_of
from bot.web.forms import form_of, transcript_in
from bot.web.services import WebServices
from bot.wording import narrators
from pipeline.audio.decode import read_stem
from pipeline.audio.streaming import StreamedSound
from pipeline.errors import Missing, TaleCancelled, TaleError
from pipeline.tables import FALLBACK
from pipeline.words.answer import Composed, Explained, Transcribed
from pipeline.words.event import Failed, Narrated, Stopped
from pipeline.words.mood import Emotion, Mood
from pipeline.words.prompt import Speaking
from pipeline.words.request import Asked, Compose, Explain, Sample, Transcribe
from pipeline.words.sound import RATE_HZ, Artifact, Samples

router = APIRouter(prefix="/v1", tags=["sound"])
T = TypeVar("T")
MODELS = ("echotales", "tts-1", "tts-1-hd", "gpt-4o-mini-tts", "whisper-1")
"""Names under which clients of OpenAI ask; all are answered by what serves here."""
THEIR_VOICES = frozenset(
    {"alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse", "marin", "cedar"}
)
"""Voices that such clients name by default; they get the language's own narrator."""
MOST_CHARS = 20_000
SLICE = RATE_HZ // 5
"""Samples encoded at a time: the first of them must not wait for the rest."""
WITHIN_S = 600.0
_KINDS = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
Speaker = Annotated[KeptKey, Depends(needs(KeyScope.SPEECH))]


class SpeechWish(BaseModel):
    """A text to speak, as OpenAI's clients ask for it; what they say beside it is not looked at."""

    input: str = Field(min_length=1, max_length=MOST_CHARS)
    model: str = MODELS[0]
    voice: Annotated[str, StringConstraints(max_length=200)] | dict[str, Any] = ""
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: float = Field(1.0, ge=0.25, le=4.0, description="Held to 0.7 to 1.4")
    language: str = Field("", max_length=10, description="Empty to read it from the text")

    @property
    def voice_id(self) -> str:
        """Return one of ours; "" for the language's narrator."""
        named = str(self.voice.get("id", "")) if isinstance(self.voice, dict) else self.voice
        return "" if named.lower() in THEIR_VOICES else named


@router.post("/audio/speech")
async def speech(request: Request, wish: SpeechWish, key: Speaker) -> Response:
    """Speak a text; sound comes as soon as its first sentence is spoken."""
    web = web_of(request)
    await _hold(web, request, key, wish.input)
    hold_to_voices(wish.voice_id)
    speaking = Speaking(pace=min(1.4, max(0.7, wish.speed)))
    sample = Sample(wish.voice_id, wish.language or _language_of(wish.voice_id), wish.input, speaking, quick=True)
    sound = _encoded(_spoken(web, Asked(uuid.uuid4().hex, sample, key.server, key.member)), wish.response_format)
    first = await anext(sound, b"")  # what goes wrong before the first sound is answered with a sentence
    return Flow(_all(first, sound), _KINDS[wish.response_format])


async def _all(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(rest):
        yield first
        async for one in rest:
            yield one


async def _encoded(spoken: AsyncGenerator[Samples], form: str) -> AsyncGenerator[bytes]:
    stream = StreamedSound(form)
    async with aclosing(_sliced(spoken)) as slices:
        async for samples in slices:
            if data := await asyncio.to_thread(stream.feed, samples):
                yield data
    if data := await asyncio.to_thread(stream.end):
        yield data


async def _sliced(spoken: AsyncGenerator[Samples]) -> AsyncGenerator[Samples]:
    async with aclosing(spoken):
        async for samples in spoken:
            for at in range(0, len(samples), SLICE):
                yield samples[at : at + SLICE]


async def _spoken(web: WebServices, asked: Asked) -> AsyncGenerator[Samples]:
    """Give passage by passage; whoever goes away stops it, and nothing of the text stays."""
    await web.door.ask(asked)
    try:
        async for told in web.door.follow(asked.job, soon=True):
            match told.event:
                case Narrated(spoken=spoken):
                    yield await web.pools.files.run(_stem, web, spoken.voice)
                case Failed(code=code, fields=fields):
                    raise TaleError(code, **fields)
                case Stopped():
                    raise TaleCancelled
    finally:
        await asyncio.shield(_put_away(web, asked.job))


def _stem(web: WebServices, artifact: Artifact) -> Samples:
    return read_stem(web.artifacts.path(artifact))


async def _put_away(web: WebServices, job: str) -> None:
    await web.door.cancel(job)
    await tidied(web.door, web.artifacts, web.pools.files, job)


@router.post("/audio/transcriptions")
async def transcriptions(request: Request, key: Speaker) -> Response:
    """Write a recording down; it is erased when it is read."""
    web = web_of(request)
    async with web.uploads.room:
        form = await form_of(request)
        wish = Transcribe(Artifact("", "", 0), form.fields.get("language") or None, read_feeling=False)
        told = await _of_recording(web, key, form.sound, form.suffix, wish)
    kind = form.fields.get("response_format", "json")
    said, media = transcript_in(kind, told.transcript)
    return JSONResponse(said) if isinstance(said, dict) else PlainTextResponse(said, media_type=media)


async def _of_recording(web: WebServices, key: KeptKey, sound: bytes, suffix: str, wish: Transcribe) -> Transcribed:
    recording = await web.pools.files.run(web.artifacts, sound, suffix)
    job = uuid.uuid4().hex
    wish = Transcribe(recording, wish.language, wish.read_feeling)
    try:
        return await _answered(web, Asked(job, wish, key.server, key.member), Transcribed)
    finally:
        await asyncio.shield(web.privacy.erase_refused(recording, job))


class FeltWords(BaseModel):
    """Words whose feeling is wanted."""

    input: str = Field(min_length=1, max_length=4_000)
    language: str = Field("", max_length=10)


@router.post("/feelings")
async def feelings(request: Request, wish: FeltWords, key: Speaker) -> dict[str, Any]:
    """Read how words feel, and which of them say so."""
    web = web_of(request)
    await _hold(web, request, key, wish.input)
    errand = Explain(wish.input, wish.language or FALLBACK)
    told = await _answered(web, Asked(uuid.uuid4().hex, errand, key.server, key.member), Explained)
    mood = told.feeling.mood
    why = [{"word": one.what, "mood": one.emotion.value, "weight": one.weight} for one in told.feeling.evidence]
    return {"mood": mood.emotion.value, "weights": mood.weights, "certainty": mood.certainty, "evidence": why}


class MusicWish(BaseModel):
    """Music for a mood."""

    mood: Emotion
    seconds: float = Field(30.0, ge=2.0, le=300.0, allow_inf_nan=False)
    arousal: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    seed: int | None = Field(None, ge=0, lt=2**31)
    response_format: Literal["mp3", "opus", "flac", "wav"] = "mp3"


@router.post("/music")
async def music(request: Request, wish: MusicWish, key: Speaker) -> Response:
    """Compose for a mood; the same seed is the same music."""
    web = web_of(request)
    await web.gate.welcome(asker_of_key(key, request), door_rules(await web.library.servers.of(key.server)))
    seed = random.getrandbits(31) if wish.seed is None else wish.seed
    score = Compose(Mood.pure(wish.mood, wish.arousal), wish.seconds, seed)
    told = await _answered(web, Asked(uuid.uuid4().hex, score, key.server, key.member), Composed)
    data = await web.renditions.music(told.sound, f".{wish.response_format}")
    return sound_of(data, f".{wish.response_format}", request)


@router.get("/models")
async def models(request: Request, key: Speaker) -> dict[str, Any]:
    """List the names that a client may give as its model."""
    _ = key
    standing = await web_of(request).now.standing()
    serving = [one.model for one in standing.models] if standing else []
    return {"object": "list", "data": [_model(one) for one in dict.fromkeys((*MODELS, *serving))]}


@router.get("/models/{model}")
async def model(request: Request, model: str, key: Speaker) -> dict[str, Any]:
    """Show one of them."""
    if model not in {one["id"] for one in (await models(request, key))["data"]}:
        raise Missing("page_unknown")
    return _model(model)


@router.get("/voices")
async def voices(key: Speaker) -> dict[str, Any]:
    """List the voices that ship, with those that tell by themselves."""
    _ = key
    tellers = {name for names in narrators().values() for name in names}
    found = [{"id": name, **vars(one), "narrator": name in tellers} for name, one in voice_table().voices.items()]
    return {"object": "list", "data": found}


def hold_to_voices(voice: str) -> None:
    """Raise Missing `voice_unknown` for a voice, or a part of a blend, that does not ship; "" is any."""
    if voice and not all(one.partition(":")[0] in voice_table().voices for one in voice.split(",")):
        raise Missing("voice_unknown", voice=voice)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "echotales"}


def _language_of(voice: str) -> str:
    first = voice_table().voices.get(voice.split(",", maxsplit=1)[0].partition(":")[0])
    return first.locale[:2] if first else ""


async def _hold(web: WebServices, request: Request, key: KeptKey, text: str) -> None:
    """Hold words that are spoken or read to the rules of wishes. Raises Refused."""
    asker = asker_of_key(key, request)
    rules = door_rules(await web.library.servers.of(key.server))
    await web.pools.words.run(hold_out_of_danger, text, asker.locale)
    await web.gate.welcome(asker, rules)
    await web.pools.words.run(hold_to_words, text, rules, rating_of(asker, rules))


async def _answered(web: WebServices, asked: Asked, kind: type[T]) -> T:
    """Ask an errand, wait for its answer, and leave nothing of it behind."""
    try:
        async with asyncio.timeout(WITHIN_S):
            return await web.door.answered(asked, kind, web.artifacts)
    finally:
        await asyncio.shield(tidied(web.door, web.artifacts, web.pools.files, asked.job))
