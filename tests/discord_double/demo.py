"""A tiny storyteller, to try the double with."""

from __future__ import annotations

import asyncio
import io

import aiohttp
import discord
import numpy as np
from discord import app_commands

from tests.discord_double.members import opus

MOODS = ("calm", "eerie", "joyful", "solemn")
STEPS = ("Reading the mood", "Writing", "Narrating")
STEP_S = 0.05
TUNE_HZ = (392.0, 440.0, 494.0, 587.0)
NOTE_S = 0.3


def build(token: str, *, connector: aiohttp.BaseConnector | None = None) -> discord.Client:
    """The demo bot; its token is given to `start`."""
    return DemoBot(connector)


class Card(discord.ui.View):
    """The buttons under a tale."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.cancelled = asyncio.Event()

    @discord.ui.button(label="Cancel", style=discord.ButtonStyle.danger)
    async def cancel(self, interaction: discord.Interaction, button: discord.ui.Button[Card]) -> None:
        self.cancelled.set()
        button.disabled = True
        await interaction.response.edit_message(view=self)

    @discord.ui.button(label="Again", emoji="🔁")
    async def again(self, interaction: discord.Interaction, button: discord.ui.Button[Card]) -> None:
        await interaction.response.send_modal(Prompt())


class Prompt(discord.ui.Modal, title="Another tale"):
    """Asks what the next tale is about."""

    prompt: discord.ui.TextInput[Prompt] = discord.ui.TextInput(label="About", max_length=200)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await tell(interaction, self.prompt.value, "calm")


class DemoBot(discord.Client):
    """Tells a canned tale, plays a tune in voice."""

    def __init__(self, connector: aiohttp.BaseConnector | None) -> None:
        super().__init__(intents=discord.Intents.default(), connector=connector)
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        self.tree.add_command(tale)
        self.tree.add_command(play)
        self.tree.add_command(leave)
        self.tree.add_command(listen)
        self.tree.add_command(explain)
        await self.tree.sync()


@app_commands.command(name="tale", description="Tells a tale")
@app_commands.describe(prompt="What it is about", mood="How it feels")
async def tale(interaction: discord.Interaction, prompt: app_commands.Range[str, 1, 1000], mood: str = "calm") -> None:
    await tell(interaction, prompt, mood)


@tale.autocomplete("mood")
async def _moods(interaction: discord.Interaction, so_far: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=each, value=each) for each in MOODS if each.startswith(so_far)]


@app_commands.command(name="play", description="Plays a tune where you are")
async def play(interaction: discord.Interaction) -> None:
    voice = interaction.user.voice if isinstance(interaction.user, discord.Member) else None
    if voice is None or not isinstance(voice.channel, discord.VoiceChannel):
        await interaction.response.send_message("Join a voice channel first.", ephemeral=True)
        return
    await interaction.response.defer()
    opus.load()
    call = interaction.guild.voice_client if interaction.guild else None
    if not isinstance(call, discord.VoiceClient):
        call = await voice.channel.connect()
    tune = np.concatenate([opus.tone(each, NOTE_S) for each in TUNE_HZ])
    call.play(discord.PCMAudio(io.BytesIO(tune.tobytes())))
    await interaction.edit_original_response(content="Playing.")


@app_commands.command(name="leave", description="Leaves the voice channel")
async def leave(interaction: discord.Interaction) -> None:
    call = interaction.guild.voice_client if interaction.guild else None
    if call is not None:
        await call.disconnect(force=False)
    await interaction.response.send_message("Gone.", ephemeral=True)


@app_commands.command(name="listen", description="Says how long your recording is")
async def listen(interaction: discord.Interaction, recording: discord.Attachment) -> None:
    await interaction.response.defer(ephemeral=True)
    data = await recording.read()
    await interaction.followup.send(f"{recording.filename}: {len(data)} bytes")


@app_commands.context_menu(name="Explain")
async def explain(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"It says: {message.content}", ephemeral=True)


async def tell(interaction: discord.Interaction, prompt: str, mood: str) -> None:
    """One message that lives: it thinks, goes through its steps, and ends with the tale and its file."""
    await interaction.response.defer(thinking=True)
    card = Card()
    for step in STEPS:
        embed = discord.Embed(title=prompt[:200], description=f"{step} ({mood})")
        await interaction.edit_original_response(embed=embed, view=card)
        await asyncio.sleep(STEP_S)
        if card.cancelled.is_set():
            await interaction.edit_original_response(content="Cancelled.", embed=None, view=None)
            return
    done = discord.Embed(title=prompt[:200], description=f"Once upon a time there was {prompt}.")
    file = discord.File(io.BytesIO(b"OggS" + prompt.encode()), "tale.ogg")
    await interaction.edit_original_response(embed=done, attachments=[file], view=card)
