"""A card's state as a message."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from bot.card.state import CardState, Phase
from bot.library.records import TextShown
from bot.ui.escape import shown
from bot.ui.message import ButtonAction, Face, Press, Style
from bot.ui.mood_style import arc, colour_of
from bot.ui.pages import sentences
from bot.wording import language_of, said
from pipeline.errors import TaleError
from pipeline.tables import FALLBACK
from pipeline.wording import note, sentence
from pipeline.words.mood import Emotion

PHONE_LINES, PHONE_CHARS = 8, 38
"""Lines that a phone shows of a card before it must be scrolled, and their width."""
_BAR = 10
_TITLE_CHARS = 70
_FEW_S = 90.0  # up to here a span is given in seconds, beyond in minutes


@dataclass(frozen=True)
class CardStyle:
    """How the reader wants it."""

    locale: str = FALLBACK
    plain: bool = False
    """Without pictures: no squares, no bar of blocks."""


def render(state: CardState, look: CardStyle) -> Face:
    """Draw at most eight lines on a phone; all is said in words, colour and pictures only repeat it."""
    title = shown(_shortened(state.title or state.prompt, _TITLE_CHARS)) or said("card.untitled", look.locale)
    colour = colour_of(state.arc[-1] if state.arc else Emotion.NEUTRAL)
    if state.phase in (Phase.FAILED, Phase.STOPPED):
        return _ended(state, look, title)
    head = [_progress(state, look), *_mood(state, look)]
    # Title, progress and foot are fixed; the story's tail gets the lines that are left.
    foot = _foot(state, look, PHONE_LINES - sum(map(phone_lines, [title, *head])))
    left = PHONE_LINES - sum(map(phone_lines, [title, *head, foot]))
    body = "\n".join([*head, *_tail(state, left)])
    cancel = Press(ButtonAction.CANCEL, state.tale, said("card.press.cancel", look.locale), style=Style.DANGER)
    return Face(title, body, colour, foot, () if state.phase.over else (cancel,))


def phone_lines(text: str) -> int:
    """Return how many lines a text takes on a phone."""
    return sum(max(1, len(textwrap.wrap(line, PHONE_CHARS))) for line in text.split("\n")) if text else 0


def span(least_s: float, most_s: float, locale: str) -> str:
    """Write a span of time: `20 to 40 s`, `2 to 3 min`."""
    # Steps of five seconds: a closer figure would promise what nobody knows, and change at every edit.
    unit, each_s, step = ("s", 1.0, 5) if most_s <= _FEW_S else ("min", 60.0, 1)
    least, most = max(step, round(least_s / each_s / step) * step), max(step, round(most_s / each_s / step) * step)
    if least >= most:
        return said("card.about", locale, most=most, unit=unit)
    return said("card.range", locale, least=least, most=most, unit=unit)


def _progress(state: CardState, look: CardStyle) -> str:
    doing = said(f"card.phase.{state.phase}", look.locale)
    if state.phase is Phase.WAITING:
        key = "card.in_line" if state.place else "card.next_in_line"
        return said(key, look.locale, place=state.place)
    percent = f"{state.share:.0%}".replace("%", " %")
    if look.plain:
        return f"{percent} · {doing}"
    full = round(state.share * _BAR)
    return f"{'▰' * full}{'▱' * (_BAR - full)} {percent} · {doing}"


def _mood(state: CardState, look: CardStyle) -> list[str]:
    return [arc(state.arc, look.locale, not look.plain)] if state.arc else []


def _foot(state: CardState, look: CardStyle, room: int) -> str:
    """Return what is wrong, else the time left; a note on how the wish was read stays in any case."""
    if state.trouble:
        code, fields = state.trouble
        return sentence(TaleError(code, **fields), language_of(look.locale))
    told = note(state.notes[0], language_of(look.locale)) if state.notes else ""
    both = "\n".join(filter(None, (_left(state, look), told)))
    return both if phone_lines(both) <= room else told


def _left(state: CardState, look: CardStyle) -> str:
    if state.phase is Phase.WAITING:
        return span(state.least_s, state.most_s, look.locale) if state.most_s else ""
    least_s, most_s = state.left_s
    return said("card.left", look.locale, time=span(least_s, most_s, look.locale)) if most_s else ""


def _tail(state: CardState, lines: int) -> list[str]:
    """Return the newest sentences, as many as there are lines for."""
    paragraphs = state.paragraphs(most=1)  # not the whole tale: this runs at every edit
    newest = sentences(paragraphs[-1]) if paragraphs else []
    if not newest or lines < 1:
        return []
    bars = "||" if state.text is TextShown.SPOILER else ""
    told = _fitting(newest, lines, len(bars) * 2)
    return [f"{bars}{shown(told)}{bars}"]


def _fitting(newest: Sequence[str], lines: int, spare: int) -> str:
    room = lines * PHONE_CHARS - spare
    told = newest[-1]
    for one in reversed(newest[:-1]):
        if phone_lines(f"… {one} {told}") > lines or len(one) + len(told) + 3 > room:
            break
        told = f"{one} {told}"
    return told if phone_lines(told) <= lines and len(told) <= room else _end_of(told, lines)


def _end_of(told: str, lines: int) -> str:
    """Return a text's last words, as many as fit: a sentence may be as long as a tale."""
    # Without the first: the slice may have cut it. A text without spaces is cut anywhere.
    words = told[-lines * PHONE_CHARS :].split()[1:] or [told[-PHONE_CHARS // 2 :]]
    while len(words) > 1 and phone_lines(" ".join(["…", *words])) > lines:
        words = words[1:]
    return " ".join(["…", *words])


def _ended(state: CardState, look: CardStyle, title: str) -> Face:
    code, fields = state.failure or ("cancelled", {})
    told = sentence(TaleError(code, **fields), language_of(look.locale))
    retry = Press(ButtonAction.RETRY, state.tale, said("card.press.retry", look.locale))
    foot = said("card.short_id", look.locale, id=state.tale[:8]) if state.phase is Phase.FAILED else ""
    return Face(title, told, colour_of(Emotion.NEUTRAL), foot, (retry,))


def _shortened(text: str, most: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else words[:most].rsplit(" ", 1)[0].rstrip(",.;:") + "…"
