"""Table of the settings of a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.library.records import Music, TextShown
from pipeline.wording import locales
from pipeline.words.prompt import LEAST_WORDS, MOST_WORDS, Rating
from pipeline.words.world import Meets


class SettingKind(StrEnum):
    """How a setting is entered."""

    ROLES = "roles"
    CHANNELS = "channels"
    CHANNEL = "channel"
    MEMBERS = "members"
    CHOICE = "choice"
    TOGGLE = "toggle"
    NUMBER = "number"
    TEXT = "text"
    WORDS = "words"
    """Several, separated by commas or lines."""
    PAIRS = "pairs"
    """Lines of `word = how it is said`."""
    SHARES = "shares"
    """Quotas of single roles: a role is chosen, then its numbers are written."""


@dataclass(frozen=True)
class Knob:
    """One field of ServerSettings."""

    kind: SettingKind
    choices: tuple[str, ...] = ()
    """Values; their labels stand under [settings.choice.<field>], a language's name in itself."""
    least: int = 0
    """Smallest number allowed; 0 where 0 means no limit."""
    most: int = 0
    """Largest number allowed."""


LENGTHS = ("160", "480", "1300")  # words: about one, three and eight minutes
KNOBS: Mapping[str, Knob] = {
    "roles": Knob(SettingKind.ROLES),
    "channels": Knob(SettingKind.CHANNELS),
    "never_here": Knob(SettingKind.CHANNELS),
    "voice_roles": Knob(SettingKind.ROLES),
    "rating": Knob(SettingKind.CHOICE, tuple(Rating)),
    "words": Knob(SettingKind.CHOICE, LENGTHS),
    "language": Knob(SettingKind.CHOICE, ("", *locales())),
    "music": Knob(SettingKind.CHOICE, tuple(Music)),
    "effects": Knob(SettingKind.TOGGLE),
    "meets": Knob(SettingKind.CHOICE, tuple(Meets)),
    "remembers": Knob(SettingKind.TOGGLE),
    "counts_heard": Knob(SettingKind.TOGGLE),
    "text": Knob(SettingKind.CHOICE, tuple(TextShown)),
    "text_in_thread": Knob(SettingKind.TOGGLE),
    "plain": Knob(SettingKind.TOGGLE),
    "words_only": Knob(SettingKind.TOGGLE),
    "pictures": Knob(SettingKind.TOGGLE),
    "voice": Knob(SettingKind.TEXT),
    "say_as": Knob(SettingKind.PAIRS),
    "voice_allowed": Knob(SettingKind.TOGGLE),
    "listening": Knob(SettingKind.TOGGLE),
    "read_feeling": Knob(SettingKind.TOGGLE),
    "cloning": Knob(SettingKind.TOGGLE),
    "quiet_from": Knob(SettingKind.TEXT),
    "quiet_to": Knob(SettingKind.TEXT),
    "timezone": Knob(SettingKind.TEXT),
    "most_words": Knob(SettingKind.NUMBER, least=LEAST_WORDS, most=MOST_WORDS),
    "most_waiting": Knob(SettingKind.NUMBER, least=1, most=20),
    "most_a_day": Knob(SettingKind.NUMBER, least=0, most=1_000),
    "cooldown_s": Knob(SettingKind.NUMBER, least=0, most=86_400),
    "most_a_minute": Knob(SettingKind.NUMBER, least=0, most=100),
    "server_a_minute": Knob(SettingKind.NUMBER, least=0, most=1_000),
    "server_a_day": Knob(SettingKind.NUMBER, least=0, most=100_000),
    "special_roles": Knob(SettingKind.ROLES),
    "special_a_day": Knob(SettingKind.NUMBER, least=0, most=1_000),
    "role_shares": Knob(SettingKind.SHARES),
    "retention_days": Knob(SettingKind.NUMBER, least=0, most=3_650),
    "mod_log": Knob(SettingKind.CHANNEL),
    "blocked_members": Knob(SettingKind.MEMBERS),
    "blocked_roles": Knob(SettingKind.ROLES),
    "bad_words": Knob(SettingKind.WORDS),
}
PAGES: Mapping[str, tuple[str, ...]] = {
    "who": ("roles", "channels", "never_here", "voice_roles"),
    "tale": ("rating", "words", "language", "text"),
    "sound": (
        *("music", "effects", "voice_allowed", "listening", "read_feeling", "cloning"),
        *("quiet_from", "quiet_to", "timezone"),
    ),
    "look": ("text_in_thread", "plain", "words_only", "pictures", "voice", "say_as"),
    "limits": (
        *("most_words", "most_waiting", "most_a_day", "cooldown_s", "retention_days"),
        *("most_a_minute", "server_a_minute", "server_a_day", "special_roles", "special_a_day"),
        "role_shares",
    ),
    "world": ("meets", "remembers", "counts_heard"),
    "safety": ("mod_log", "blocked_members", "blocked_roles", "bad_words"),
}
# Discord allows five fields in a form and five rows under a message: pages and forms are cut to fit.
FORMS: Mapping[str, tuple[str, ...]] = {
    "hours": ("quiet_from", "quiet_to", "timezone"),
    "limits": ("most_words", "most_waiting", "most_a_day", "cooldown_s", "retention_days"),
    "floods": ("most_a_minute", "server_a_minute", "server_a_day", "special_a_day"),
    "narrator": ("voice", "say_as"),
    "bad_words": ("bad_words",),
}
"""Settings that are typed rather than chosen, by the form that asks for them."""
