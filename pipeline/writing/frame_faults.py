"""What a frame lacks or does wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

from pipeline.writing.cast_tale import Casting
from pipeline.writing.fill import NotThere, filled
from pipeline.writing.forms import forms_of
from pipeline.writing.frames import KIND, FramePart, TaleFrame, frames_in
from pipeline.writing.lexicon import KINDS, lexicon_of
from pipeline.writing.readings import WishReading
from pipeline.writing.told_lines import plain_text, sentences_of
from pipeline.writing.tongue import count_words
from pipeline.writing.weave import woven

LEAST = {"wishes": 12, "titles": 3, "preludes": 4, "orders": 2, "alternatives": 3, "sets": 8}
LEAST_SHARED_WORDS = 7
"""Of a sentence that two frames should not have in common."""
_SLOT = re.compile(r"\{[^{}]*\}")


def faults_of(frame: TaleFrame) -> Iterator[str]:
    """In plain words, what must be mended."""
    for name, least in LEAST.items():
        if len(getattr(frame, name)) < least:
            yield f"{len(getattr(frame, name))} {name}; {least} are wanted"
    met = {word.removeprefix(KIND) for one in frame.sets for word in one.fits if word.startswith(KIND)}
    if "thing" in frame.about.needs and (missing := [kind for kind in KINDS if kind not in met]):
        yield f"no set for the kinds {' '.join(missing)}"
    yield from (f"kind:{kind} is no kind" for kind in sorted(met - {*KINDS}))
    yield from _refrain_faults(frame)
    singular = forms_of(frame.language).singular
    for place, text in texts_of_frame(frame):
        yield from (f"{place}: {why}: {text[:90]}" for why in _wrong(text, place))
        if frame.about.plural and singular and re.search(singular, text):
            yield f"{place}: several heroes need [was|were] here: {text[:90]}"


def doubts_about(frame: TaleFrame) -> Iterator[str]:
    """In plain words, what somebody should look at: it may be meant."""
    yield from _unpaired(frame)
    yield from _orphans(frame)
    yield from _shared(frame)
    for place, text in texts_of_frame(frame):
        if text.startswith(("{blank", "{Blank")) or re.search(r"\{[Bb]lank\.\w+\}[.!?]?$", text):
            yield f"{place}: a blank at a joint cannot be spoken ahead: {text[:90]}"
    unmet = _needs_more(frame)
    if unmet:
        yield f"a wish that names no more than `needs` asks for cannot be told: {unmet}"


def texts_of_frame(frame: TaleFrame) -> Iterator[tuple[str, str]]:
    """Every text of a frame with where it stands."""
    for at, one in enumerate(frame.preludes):
        yield f"prelude {at + 1}", one
    if frame.refrain:
        for one in (frame.refrain.first, *frame.refrain.middle, frame.refrain.last):
            yield "refrain", one
    for where, part in _parts(frame):
        for key, value in part.words.items():
            for text in (value,) if isinstance(value, str) else value:
                yield f"{where}, {key}", text


def _parts(frame: TaleFrame) -> Iterator[tuple[str, FramePart]]:
    yield "turns", FramePart(frame.turns, frame.figures)
    yield from ((f"alt {at + 1}", one) for at, one in enumerate(frame.alternatives))
    yield from ((f"set {at + 1} ({' '.join(one.fits)[:40]})", one) for at, one in enumerate(frame.sets))


def _unpaired(frame: TaleFrame) -> Iterator[str]:
    """A value that is asked for in a turn, and that only some alternatives or sets give."""
    for parts, others, what in (
        (frame.alternatives, frame.sets, "alt"),
        (frame.sets, frame.alternatives, "set"),
    ):
        given = Counter(key for one in parts for key in (*one.words, *one.figures))
        elsewhere = {*frame.turns, *frame.figures}.union(*({*one.words, *one.figures} for one in others))
        for key, count in given.items():
            if count < len(parts) and key not in elsewhere and _asked_in(frame.turns, key):
                yield f"every tale asks for {key}, and {len(parts) - count} of {len(parts)} {what}s do not give it"


def _asked_in(turns: Mapping[str, object], key: str) -> bool:
    """Whether every variant of some turn has the slot: one without it would do."""
    slot = re.compile(r"\{(?:[Aa] |[Tt]he )?\^?" + re.escape(key) + r"[}.']", re.IGNORECASE)
    return any(
        all(slot.search(text) for text in ((value,) if isinstance(value, str) else value))  # type: ignore[attr-defined] # a turn is a text or texts
        for name, value in turns.items()
        if "_" not in name
    )


def _refrain_faults(frame: TaleFrame) -> Iterator[str]:
    if frame.refrain is None:
        return
    if len(frame.refrain.middle) < 2:
        yield "a refrain needs two sentences for its middle"
    scope = Casting(frame.language, 1).scope(_least_wish(frame), frame)
    figures = {**frame.alternatives[0].figures, **frame.figures}
    for text in (frame.refrain.first, *frame.refrain.middle, frame.refrain.last):
        try:
            filled(text, scope.with_figures(figures))
        except NotThere as error:
            yield f"refrain: a slot that not every tale of it has: {error}"


def _orphans(frame: TaleFrame) -> Iterator[str]:
    """Somebody whom one text alone names, and who never comes again."""
    everywhere = " ".join(text for _, text in texts_of_frame(frame))
    for where, part in _parts(frame):
        own = " ".join(str(value) for value in part.words.values())
        for key, figure in part.figures.items():
            named = len(re.findall(rf"[@{{ ]{key}[}}.'(“ :#]", own)) + own.count(figure.name.split(" ")[-1])
            if named < 2 and not re.search(rf"[@{{ ]{key}[}}.'( #:]", everywhere):
                yield f"{where}: {figure.name} comes once and never again"


def _shared(frame: TaleFrame) -> Iterator[str]:
    """Sentences that another frame has as well."""
    own = _sentences(frame)
    for name in frames_in(frame.language):
        if name != frame.id:
            yield from (f"also in {name}: {one[:90]}" for one in sorted(own & _sentences_of(name, frame.language)))


@cache
def _sentences_of(name: str, language: str) -> frozenset[str]:
    return _sentences(frames_in(language)[name])


def _sentences(frame: TaleFrame) -> frozenset[str]:
    """Its longer sentences, whatever fills their slots."""
    found = (sentence for _, text in texts_of_frame(frame) for sentence in sentences_of(_SLOT.sub("_", text)))
    return frozenset(plain_text(one) for one in found if count_words(one) >= LEAST_SHARED_WORDS)


def _needs_more(frame: TaleFrame) -> str:
    """Why the barest wish cannot be told; empty where it can."""
    try:
        scope = Casting(frame.language, 1).scope(_least_wish(frame), frame)
        woven(frame, scope, 220, _least_wish(frame).deed)
    except NotThere as error:
        return str(error)
    return ""


def _least_wish(frame: TaleFrame) -> WishReading:
    """A wish that names what the frame needs, and nothing else; its deed is one that a set is for."""
    nouns = {noun.kind: noun.names[0] for noun in reversed(list(lexicon_of(frame.language).rows.values()))}
    needs = frame.about.needs
    return WishReading(
        who=nouns["big_animal"],
        deed=frame.wishes[0] if "deed" in needs else "",
        other=nouns["person"] if {"other", "two"} & {*needs} or frame.about.matter == "other" else "",
        thing=nouns["treasure"] if "thing" in needs else "",
        place=nouns["building"] if "place" in needs else "",
    )


def _wrong(text: str, place: str) -> Iterator[str]:
    if text.count("“") != text.count("”"):
        yield "quotation marks are not in pairs"
    if '"' in text:
        yield "a straight quotation mark: write “ ”"
    if len(re.findall(r"@[A-Z](?:\([^)]*\))?\s*“", text)) != text.count("“"):
        yield "a quotation without @SPEAKER before it"
    if text.count("{") != text.count("}") or text.count("[") != text.count("]"):
        yield "brackets are not in pairs"
    if place.startswith("prelude") and ("{" in text or "[" in text):
        yield "a prelude knows nothing of the wish"
