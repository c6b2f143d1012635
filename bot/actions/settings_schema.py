"""What managers may turn, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.library.records import Music, TextShown
from pipeline.words.prompt import LEAST_WORDS, MOST_WORDS, Rating


class Kind(StrEnum):
    """How a knob is turned."""

    ROLES = "roles"
    CHANNELS = "channels"
    CHANNEL = "channel"
    MEMBERS = "members"
    CHOICE = "choice"
    TOGGLE = "toggle"
    NUMBER = "number"
    TEXT = "text"
    WORDS = "words"
    """Several, parted by commas or lines."""
    PAIRS = "pairs"
    """Lines of `word = how it is said`."""
    SHARES = "shares"
    """Of single roles: one is chosen, then its numbers are written."""


@dataclass(frozen=True)
class Knob:
    """One field of ServerSettings."""

    kind: Kind
    choices: tuple[str, ...] = ()
    """Values; their labels stand under [settings.choice.<field>], a language's name in itself."""
    least: int = 0
    most: int = 0
    """Of a number."""


LANGUAGES: Mapping[str, str] = {"en": "English", "pt": "Português", "es": "Español", "fr": "Français", "de": "Deutsch"}
LENGTHS = ("160", "480", "1300")
KNOBS: Mapping[str, Knob] = {
    "roles": Knob(Kind.ROLES),
    "channels": Knob(Kind.CHANNELS),
    "never_here": Knob(Kind.CHANNELS),
    "voice_roles": Knob(Kind.ROLES),
    "rating": Knob(Kind.CHOICE, tuple(Rating)),
    "words": Knob(Kind.CHOICE, LENGTHS),
    "language": Knob(Kind.CHOICE, ("", *LANGUAGES)),
    "music": Knob(Kind.CHOICE, tuple(Music)),
    "text": Knob(Kind.CHOICE, tuple(TextShown)),
    "text_in_thread": Knob(Kind.TOGGLE),
    "plain": Knob(Kind.TOGGLE),
    "words_only": Knob(Kind.TOGGLE),
    "voice": Knob(Kind.TEXT),
    "say_as": Knob(Kind.PAIRS),
    "voice_allowed": Knob(Kind.TOGGLE),
    "listening": Knob(Kind.TOGGLE),
    "read_feeling": Knob(Kind.TOGGLE),
    "cloning": Knob(Kind.TOGGLE),
    "quiet_from": Knob(Kind.TEXT),
    "quiet_to": Knob(Kind.TEXT),
    "timezone": Knob(Kind.TEXT),
    "most_words": Knob(Kind.NUMBER, least=LEAST_WORDS, most=MOST_WORDS),
    "most_waiting": Knob(Kind.NUMBER, least=1, most=20),
    "most_a_day": Knob(Kind.NUMBER, least=0, most=1_000),
    "cooldown_s": Knob(Kind.NUMBER, least=0, most=86_400),
    "most_a_minute": Knob(Kind.NUMBER, least=0, most=100),
    "server_a_minute": Knob(Kind.NUMBER, least=0, most=1_000),
    "server_a_day": Knob(Kind.NUMBER, least=0, most=100_000),
    "special_roles": Knob(Kind.ROLES),
    "special_a_day": Knob(Kind.NUMBER, least=0, most=1_000),
    "role_shares": Knob(Kind.SHARES),
    "retention_days": Knob(Kind.NUMBER, least=0, most=3_650),
    "mod_log": Knob(Kind.CHANNEL),
    "blocked_members": Knob(Kind.MEMBERS),
    "blocked_roles": Knob(Kind.ROLES),
    "bad_words": Knob(Kind.WORDS),
}
PAGES: Mapping[str, tuple[str, ...]] = {
    "who": ("roles", "channels", "never_here", "voice_roles"),
    "tale": ("rating", "words", "language", "text"),
    "sound": ("music", "voice_allowed", "listening", "read_feeling", "cloning", "quiet_from", "quiet_to", "timezone"),
    "look": ("text_in_thread", "plain", "words_only", "voice", "say_as"),
    "limits": (
        *("most_words", "most_waiting", "most_a_day", "cooldown_s", "retention_days"),
        *("most_a_minute", "server_a_minute", "server_a_day", "special_roles", "special_a_day"),
        "role_shares",
    ),
    "safety": ("mod_log", "blocked_members", "blocked_roles", "bad_words"),
}
FORMS: Mapping[str, tuple[str, ...]] = {
    "hours": ("quiet_from", "quiet_to", "timezone"),
    "limits": ("most_words", "most_waiting", "most_a_day", "cooldown_s", "retention_days"),
    "floods": ("most_a_minute", "server_a_minute", "server_a_day", "special_a_day"),
    "narrator": ("voice", "say_as"),
    "bad_words": ("bad_words",),
}
"""Knobs that are written rather than chosen, by the form that asks for them."""
