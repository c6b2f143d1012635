"""The tale before its first word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from pipeline.errors import Unserved
from pipeline.roles import Writer
from pipeline.telling.studio import Studio
from pipeline.words.event import Planned
from pipeline.words.mood import Emotion, Feeling
from pipeline.words.prompt import Prompt
from pipeline.words.sound import Transcript
from pipeline.words.story import Beat, Facts, Person, Plan
from pipeline.writing.facts import Given, facts_of
from pipeline.writing.language import DEFAULT
from pipeline.writing.outline import outline
from pipeline.writing.placeholders import placeholders, things
from pipeline.writing.reading import filled, is_open
from pipeline.writing.seeds import number
from pipeline.writing.shapes import shape_for, shapes
from pipeline.writing.starters import Choosing
from pipeline.writing.titles import title_of
from pipeline.writing.tongue import Tongue, count_words, tongues
from pipeline.writing.verbatim import Piece, pieces_of
from pipeline.writing.wish import Wish, accept, cleaned

Reading = Callable[[Given, str, Tongue, int], Given]
AS_WRITTEN = "as_written"
DARK = frozenset({Emotion.SADNESS, Emotion.FEAR, Emotion.ANGER, Emotion.DISGUST})


def plan(prompt: Prompt, transcript: Transcript | None, feeling: Feeling, studio: Studio) -> Plan:
    """Facts, shape, beats and title, by code alone; raises Refused where the wish cannot be told."""

    def work() -> Plan:
        made = planned_from(prompt, transcript, feeling, partial(_read, studio))
        if made.shape == AS_WRITTEN or made.language == DEFAULT or _writes(made.language, studio):
            return made
        english = planned_from(replace(prompt, language=DEFAULT), transcript, feeling, partial(_read, studio))
        return replace(english, notes=(*english.notes, "language_unwritten"))

    planned = studio.once("plan", "0", Plan, work)
    studio.say(Planned(planned))
    return planned


def _writes(language: str, studio: Studio) -> bool:
    """Whether a writer here knows the language; it is the one that writes next, so loading it now costs nothing."""
    try:
        with studio.borrow(Writer, language=language):
            return True
    except Unserved:
        return False


def _read(studio: Studio, given: Given, text: str, tongue: Tongue, seed: int) -> Given:
    """What code could not read, by a writer big enough for it; no other is asked."""
    try:
        with studio.borrow(Writer, language=tongue.language, reads="wishes") as writer:
            return filled(
                given, text, tongue, seed, lambda turn, ask: "".join(writer.complete(turn, ask, studio.check))
            )
    except Unserved:
        return given


def planned_from(prompt: Prompt, transcript: Transcript | None, feeling: Feeling, read: Reading | None = None) -> Plan:
    """The same, for whoever has no studio."""
    spoken = transcript.text if transcript else ""
    text = "\n\n".join(one for one in (prompt.text, spoken) if one.strip())
    wish = accept(prompt, text, transcript.language if transcript and not prompt.text else None)
    return _verbatim(prompt, wish, feeling) if prompt.as_written else _invented(prompt, wish, feeling, read)


def _invented(prompt: Prompt, wish: Wish, feeling: Feeling, read: Reading | None) -> Plan:
    tongue = tongues()[wish.language]
    given = facts_of(wish.text, prompt, tongue)
    if read and wish.text and is_open(given.facts):
        given = read(given, wish.text, tongue, prompt.seed)
    shape_id = shape_for(wish.text, prompt, wish.language, feeling)
    shape = shapes()[shape_id]
    words = placeholders(given)
    choosing = Choosing(tongue, words, prompt.seed, things(given, tongue))
    return Plan(
        title=_title(prompt, choosing.about(0).words, tongue),
        language=wish.language,
        shape=shape_id,
        seed=prompt.seed,
        feeling=feeling,
        facts=given.facts,
        beats=outline(shape, choosing, prompt.words, feeling.mood, prompt.lately),
        home_key=number(prompt.seed, "key") % 12,
        ending=prompt.mood if prompt.mood in DARK else shape.ending,
        notes=wish.notes,
        asked=wish.text,
        persona=cleaned(prompt.storyteller.persona).rstrip(" ,;:.!?"),
    )


def _title(prompt: Prompt, words: dict[str, str], tongue: Tongue) -> str:
    return title_of(words, tongue, prompt.seed + (1 if prompt.before else 0))


def _verbatim(prompt: Prompt, wish: Wish, feeling: Feeling) -> Plan:
    pieces = pieces_of(wish.text)
    first = " ".join(pieces[0].text.split()[:7]).rstrip(",.;:!?") if pieces else ""
    return Plan(
        title=first,
        language=wish.language,
        shape=AS_WRITTEN,
        seed=prompt.seed,
        feeling=feeling,
        facts=_people(pieces),
        beats=_scenes(pieces, feeling),
        home_key=number(prompt.seed, "key") % 12,
        ending=feeling.mood.emotion,
        notes=wish.notes,
        asked=wish.text,
    )


def _people(pieces: list[Piece]) -> Facts:
    speakers = dict.fromkeys(line.speaker for piece in pieces for line in piece.lines if line.speaker != "narrator")
    people = [Person(name) for name in speakers]
    return Facts(people[0] if people else Person("", "hero"), people=tuple(people[1:]))


def _scenes(pieces: list[Piece], feeling: Feeling) -> tuple[Beat, ...]:
    scenes = sorted({piece.scene for piece in pieces})
    return tuple(
        Beat(scene, AS_WRITTEN, feeling.mood, sum(count_words(piece.text) for piece in pieces if piece.scene == scene))
        for scene in scenes
    )
