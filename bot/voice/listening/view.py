"""The text of a listening's panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.ui.escape import shown
from bot.voice.listening.level import Fault
from bot.voice.listening.live_listening import Ended
from bot.wording import said

_BARS = "▁▂▃▄▅▆▇█"
_LOW_DB, _HIGH_DB = -55.0, -10.0  # levels under full scale that show as no bar and as all of them
TEXT_CHARS, NAME_CHARS, MOST_CHARS = 280, 40, 1_900
_MOST_SPEAKERS, _MOST_OTHERS = 12, 8
_CONSENT = ("ears.consent.reads", "ears.consent.keeps", "ears.consent.until", "ears.consent.stop")
_CONSENT_TO_WORDS = (
    "ears.consent.reads_words",
    "ears.consent.keeps_words",
    "ears.consent.until_words",
    "ears.consent.stop",
)


@dataclass(frozen=True)
class ConsentingMember:
    """A consenting member, as the panel shows them."""

    name: str
    level_db: float
    """Under full scale."""
    text: str
    """Transcribed so far."""
    fault: Fault = Fault.NONE
    """What they can correct about their microphone."""


@dataclass(frozen=True)
class View:
    """All that the panel shows."""

    channel: int
    """Discord id of the voice channel."""
    heard: tuple[ConsentingMember, ...] = ()
    unheard: tuple[str, ...] = ()
    """Names of those in the channel who did not consent."""
    seconds: int = 0
    """How long it has lasted."""
    trouble: str = ""
    """What is wrong with the call, as a sentence."""
    words_only: bool = False
    writing: bool = False
    """The listening is over, its last words are being transcribed."""
    ended: Ended | None = None


def text_of(view: View, locale: str) -> str:
    """Return the panel's text; never longer than a message may be."""
    if view.ended is not None:
        head = [said(f"ears.ended.{view.ended}", locale)]
    else:
        head = [said("ears.listens", locale, channel=f"<#{view.channel}>", time=_clock(view.seconds))]
        head += consent_lines(locale, words_only=view.words_only)
    if view.trouble:
        head.append(view.trouble)
    if view.writing:
        head.append(said("ears.writing", locale))
    lines = [_line(one, locale, live=view.ended is None) for one in view.heard[:_MOST_SPEAKERS]]
    if view.unheard and view.ended is None:
        lines.append(said("ears.unheard", locale, names=_names(view.unheard)))
    return _fitted("\n".join(head), lines)


def consent_lines(locale: str, *, words_only: bool) -> list[str]:
    """Return four short lines: what is read, what is kept, for how long, how to stop."""
    keys = _CONSENT_TO_WORDS if words_only else _CONSENT
    return [f"-# {said(key, locale)}" for key in keys]


def meter(level_db: float) -> str:
    """Draw a level as bars."""
    share = (level_db - _LOW_DB) / (_HIGH_DB - _LOW_DB)
    full = max(0, min(len(_BARS), round(share * len(_BARS))))
    return _BARS[:full].ljust(len(_BARS), "·")


def _line(one: ConsentingMember, locale: str, *, live: bool) -> str:
    bars = f"`{meter(one.level_db)}` " if live else ""
    # The end is shown: speakers want to see that their latest words arrived.
    text = one.text if len(one.text) <= TEXT_CHARS else "… " + one.text[-TEXT_CHARS:]
    hint = f" · {said(f'ears.fault.{one.fault}', locale)}" if live and one.fault is not Fault.NONE else ""
    return f"{bars}**{shown(one.name)[:NAME_CHARS]}**{hint} {shown(text)}".rstrip()


def _names(names: Sequence[str]) -> str:
    told = ", ".join(shown(name)[:NAME_CHARS] for name in names[:_MOST_OTHERS])
    return told if len(names) <= _MOST_OTHERS else f"{told} +{len(names) - _MOST_OTHERS}"


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"


def _fitted(head: str, lines: list[str]) -> str:
    while lines and len(head) + sum(len(line) + 1 for line in lines) > MOST_CHARS:
        # The longest first, so that one talkative member does not push the others off the panel.
        longest = max(range(len(lines)), key=lambda at: len(lines[at]))
        if len(lines[longest]) < NAME_CHARS:
            lines.pop()
        else:
            lines[longest] = lines[longest][: len(lines[longest]) // 2] + "…"
    return "\n".join([head, *lines])
