"""What was heard, for its speaker alone."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import discord
import numpy as np

from bot.pools import Pools
from bot.ui.escape import shown
from bot.ui.mood_style import name_of
from bot.voice.listening.transcription import SpeakerTurn
from bot.wording import said
from pipeline.artifacts import Artifacts
from pipeline.audio.container import FORMS, encode
from pipeline.audio.decode import blocks_of
from pipeline.errors import Missing
from pipeline.words.sound import Artifact, Samples

MOST_CHARS = 1_500  # Discord takes 2 000; the line about a missing recording may follow
_KBPS = 48  # of one voice as Opus: a whole listening stays far under the smallest upload limit


async def answer_alone(
    interaction: discord.Interaction, turns: Sequence[SpeakerTurn], artifacts: Artifacts, pools: Pools
) -> None:
    """Show a speaker their words, feeling, and the recording while it still exists; nobody else sees it."""
    locale = interaction.locale.value
    if not turns:
        await interaction.response.send_message(said("ears.answer.nothing_of_you", locale), ephemeral=True)
        return
    await interaction.response.defer(ephemeral=True, thinking=True)
    text = "\n".join([said("ears.yours", locale), *(_line(turn, locale) for turn in turns)])[:MOST_CHARS]
    try:
        recordings = [turn.recording for turn in turns if turn.recording]
        # Fetched on the threads for files: a store that is away must not hold the one that encodes.
        await pools.files.run(_paths, recordings, artifacts)
        sound = await pools.sounds.run(_together, recordings, artifacts)
    except Missing:
        await interaction.followup.send(f"{text}\n{said('ears.gone', locale)}", ephemeral=True)
        return
    file = discord.File(io.BytesIO(sound), "voice.ogg")
    await interaction.followup.send(text, file=file, ephemeral=True)


def _line(turn: SpeakerTurn, locale: str) -> str:
    words = shown(turn.text) or "…"
    feeling = turn.told.feeling if turn.told else None
    if feeling is None or feeling.voice is None:
        return f"- {words}"
    sure = round(100 * feeling.voice.certainty)
    return f"- {words} ({said('ears.sounds', locale, mood=name_of(feeling.voice.emotion, locale), sure=sure)})"


def _paths(recordings: Sequence[Artifact], artifacts: Artifacts) -> list[Path]:
    return [artifacts.path(one) for one in recordings]


def _together(recordings: Sequence[Artifact], artifacts: Artifacts) -> bytes:
    paths = _paths(recordings, artifacts)

    def blocks() -> Iterator[Samples]:
        for path in paths:
            yield from blocks_of(path)
            yield np.zeros((24_000, 2), np.float32)  # half a second between two turns

    with tempfile.TemporaryDirectory(prefix="echotales-mine-") as folder:
        to = Path(folder) / "voice.opus"
        encode(to, blocks(), FORMS[".opus"], _KBPS, mono=True)
        return to.read_bytes()
