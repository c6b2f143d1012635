"""Words on the screen while they are heard."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from pipeline.words.sound import RATE_HZ, SpokenLine, WordTiming
from pipeline.words.story import NARRATOR
from pipeline.words.timeline import Placed, Timeline

MOST_CHARS, MOST_CUE_S = 84, 6.0
"""Two lines of 42 letters, shown no longer than it takes to read them."""
_LINE_CHARS = 42
_LEAST_CUE_S = 0.8
_SOUND_S, _EFFECT_S, _SOON_S = 2.5, 1.2, 0.7
"""How long what is heard stands by itself; and how soon words may follow to bear it."""
_CLOSERS = tuple(".!?…,;:。！？、，”»")
_VOICE, _MARK = re.compile(r"<v ([^>]*)>"), re.compile(r"<[^>]*>")
_WIDE_FROM = 0x2E80
"""From here on, characters stand twice as wide and words without spaces."""


@dataclass(frozen=True)
class Shown:
    """One caption."""

    start_s: float
    end_s: float
    words: tuple[WordTiming, ...] = ()
    """With their times in the tale."""
    speaker: str = NARRATOR
    sounds: tuple[str, ...] = ()
    """What begins to sound besides words: `rain`."""

    @property
    def text(self) -> str:
        """The words alone, without the names of sounds."""
        return _joined([word.text for word in self.words])

    @property
    def heard(self) -> str:
        """`[rain, waves]`, or nothing."""
        return f"[{', '.join(self.sounds)}]" if self.sounds else ""


def captions(
    timeline: Timeline, sounds: Mapping[int, Sequence[str]], effects: Mapping[str, str] | None = None
) -> list[Shown]:
    """All captions in order; `sounds` names what is heard by passage, `effects` what happens, by kind."""
    named = effects or {}
    shown: list[Shown] = []
    heard_before: tuple[str, ...] = ()
    for placed in timeline.placed:
        heard_now = tuple(sounds.get(placed.scored.passage, ()))
        # A sound is told when it begins, not as long as it goes on.
        begun = tuple(name for name in heard_now if name not in heard_before)
        heard_before = heard_now
        at_s = placed.start / RATE_HZ
        cues = [one for line in _lines(placed) for one in _cues(line, at_s)]
        if begun and cues and cues[0].start_s - at_s < _SOUND_S:
            cues[0] = replace(cues[0], start_s=at_s, sounds=begun)
        elif begun:
            cues.insert(0, Shown(at_s, at_s + _SOUND_S, sounds=begun))
        for effect in placed.scored.effects:
            cues = _with_effect(cues, at_s + effect.start / RATE_HZ, named.get(effect.kind, effect.kind))
        shown += cues
    return _apart(shown)


def _with_effect(cues: list[Shown], at_s: float, name: str) -> list[Shown]:
    """The effect above the words that begin with it or sound meanwhile, else in a caption of its own."""
    if name in (sound for one in cues for sound in one.sounds):
        return cues
    near = [nth for nth, one in enumerate(cues) if one.start_s - _SOON_S <= at_s < one.end_s]
    if near:
        nth = near[-1]
        return [*cues[:nth], replace(cues[nth], sounds=(*cues[nth].sounds, name)), *cues[nth + 1 :]]
    return sorted([*cues, Shown(at_s, at_s + _EFFECT_S, sounds=(name,))], key=lambda one: one.start_s)


def webvtt(shown: Iterable[Shown], language: str) -> str:
    """WebVTT with speakers as voices and every word with its moment."""
    blocks = [f"WEBVTT\nLanguage: {language}"]
    for number, one in enumerate(shown, 1):
        voice = "" if one.speaker == NARRATOR else f"<v {html.escape(one.speaker, quote=False)}>"
        heard = f"<i>{html.escape(one.heard, quote=False)}</i>" if one.sounds else ""
        said = "\n".join(part for part in (heard, voice + _timed(one)) if part)
        blocks.append(f"{number}\n{_clock(one.start_s, '.')} --> {_clock(one.end_s, '.')}\n{said}")
    return "\n\n".join(blocks) + "\n"


def srt(vtt: str) -> str:
    """Our WebVTT as SubRip: plain words in two lines, other speakers by name."""
    blocks = []
    for block in vtt.strip().split("\n\n")[1:]:
        number, times, *lines = block.split("\n")
        plain = [html.unescape(_MARK.sub("", _VOICE.sub(r"\1: ", line))) for line in lines]
        shown = [part for line in plain for part in _folded(line) if part]
        blocks.append("\n".join([number, times.replace(".", ","), *shown]))
    return "\n\n".join(blocks) + "\n"


def _lines(placed: Placed) -> Sequence[SpokenLine]:
    return placed.spoken.lines if placed.spoken else ()


def _cues(line: SpokenLine, at_s: float) -> Iterator[Shown]:
    """A line in readable pieces, cut behind a clause where there is one."""
    spoken = line.words or (WordTiming(" ".join(line.text.split()), line.start / RATE_HZ, line.end / RATE_HZ),)
    left = [WordTiming(word.text, word.start_s + at_s, word.end_s + at_s, word.certainty) for word in spoken]
    while left:
        count = _fitting(left)
        yield Shown(left[0].start_s, left[count - 1].end_s, tuple(left[:count]), line.speaker)
        left = left[count:]


def _fitting(words: Sequence[WordTiming]) -> int:
    """How many of them make the next caption; at least one."""
    widths = accumulate(_width(word.text) + 1 for word in words)
    readable = [
        width - 1 <= MOST_CHARS and word.end_s - words[0].start_s <= MOST_CUE_S
        for width, word in zip(widths, words, strict=True)
    ]
    if all(readable):
        return len(words)
    most = max(1, readable.index(False))
    # The last clause that ends in it, unless that leaves a caption less than a third full.
    clauses = [nth for nth in range(most // 3 + 1, most + 1) if words[nth - 1].text.endswith(_CLOSERS)]
    return clauses[-1] if clauses else most


def _apart(shown: Sequence[Shown]) -> list[Shown]:
    """Each stays long enough to be read and leaves before the next one comes."""
    starts = [one.start_s for one in shown[1:]] + [float("inf")]
    return [
        replace(one, end_s=max(one.start_s, min(max(one.end_s, one.start_s + _LEAST_CUE_S), following)))
        for one, following in zip(shown, starts, strict=True)
    ]


def _timed(one: Shown) -> str:
    """Words behind the moments at which they begin, for players that light them up."""
    pieces: list[str] = []
    for nth, word in enumerate(one.words):
        glue = "" if not nth or _unspaced(one.words[nth - 1].text, word.text) else " "
        stamp = f"<{_clock(word.start_s, '.')}>" if word.start_s > one.start_s else ""
        pieces.append(glue + stamp + html.escape(word.text, quote=False))
    return "".join(pieces)


def _joined(words: Sequence[str]) -> str:
    said = ""
    for word in words:
        said += word if not said or _unspaced(said, word) else f" {word}"
    return said


def _unspaced(before: str, after: str) -> bool:
    return bool(before and after) and ord(before[-1]) >= _WIDE_FROM and ord(after[0]) >= _WIDE_FROM


def _width(text: str) -> int:
    return sum(2 if ord(char) >= _WIDE_FROM else 1 for char in text)


def _folded(text: str) -> list[str]:
    """Two lines, the break nearest the middle; short ones stay one."""
    if len(text) <= _LINE_CHARS or " " not in text:
        return [text]
    middle = min((at for at, char in enumerate(text) if char == " "), key=lambda at: abs(at - len(text) // 2))
    return [text[:middle], text[middle + 1 :]]


def _clock(seconds: float, point: str) -> str:
    ms = max(0, round(seconds * 1_000))
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1_000 % 60:02}{point}{ms % 1_000:03}"
