"""Where the messages of a tale stand."""

from __future__ import annotations

from bot.library.records import KeptTale


def posted(channel: int, message: int) -> str:
    """Return a message as `delivered` names it."""
    return f"{channel}/{message}"


def posts_of(tale: KeptTale) -> tuple[tuple[int, int], ...]:
    """Return channel and message of all that was posted of a tale, the card last."""
    around = tale.card_channel or tale.channel
    every = dict.fromkeys([*(_place(one, around) for one in tale.delivered), (around, tale.card_message)])
    return tuple(
        (int(channel), int(message)) for channel, message in every if channel.isdecimal() and message.isdecimal()
    )


def _place(delivered: str, around: str) -> tuple[str, str]:
    *before, message = delivered.replace(":", "/").split("/")
    return (before[-1] if before else around), message
