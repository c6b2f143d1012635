"""Plans a tale before its first word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from pipeline.audio.surroundings import in_place
from pipeline.errors import Missing, Unserved, Unwell
from pipeline.roles import Ask, Embedder, Turn, Writer
from pipeline.shelf.ladder import is_memory_short
from pipeline.telling.let_run import let_run
from pipeline.telling.studio import Studio
from pipeline.words.event import Planned
from pipeline.words.mood import Emotion, Feeling, Mood, target_of
from pipeline.words.prompt import LEAST_WORDS, Before, Prompt
from pipeline.words.sound import Transcript
from pipeline.words.story import Beat, Facts, Passage, Person, Plan
from pipeline.writing.arc import Telling, ToldScene, told
from pipeline.writing.cast_tale import Casting
from pipeline.writing.choose_frame import Array, Embed, FrameQuery, kind_of, scores_of, surest
from pipeline.writing.deeds import is_once, is_wished, verb_of
from pipeline.writing.episodes import MOST_FRAME_WORDS, Wanted, facts_of, parts_of
from pipeline.writing.forms import forms_of
from pipeline.writing.frames import TaleFrame, frames_in
from pipeline.writing.lexicon import lexicon_of
from pipeline.writing.read_plainly import is_certain, read_plainly
from pipeline.writing.read_wish import looked_at, matter_of, read_wish, system
from pipeline.writing.readings import WishReading
from pipeline.writing.recall import going_on_from, named_in, told_again
from pipeline.writing.registers import Sayings, orders_us, persona_of, sayings_of, spread
from pipeline.writing.seeds import number
from pipeline.writing.sequels import closing_of, guest_of, onward, recalled
from pipeline.writing.titles import titled
from pipeline.writing.told_lines import passage_of, plain_text, texts_of
from pipeline.writing.tongue import count_words, words_in, words_of
from pipeline.writing.verbatim import Piece, pieces_of
from pipeline.writing.weave import prelude_of, spoken_words
from pipeline.writing.wish import Wish, accept

AS_WRITTEN = "as_written"
DARK = frozenset({Emotion.SADNESS, Emotion.FEAR, Emotion.ANGER, Emotion.DISGUST})
ASKED = "asked"
"""The rule of a feeling that somebody asked for."""
PRELUDE = "prelude"
"""Name of the scene that is the first sentence alone."""
UNREAD = WishReading(who="?", deed="?", other="?", place="?")
"""Reading of a wish whose frame is chosen before it is read: nothing that a frame needs is known to be missing."""
Opened = Callable[[Passage, str], None]
"""Called with the first passage and its language."""


def _nobody(_passage: Passage, _language: str) -> None:
    """Ignore the first passage: nobody waits for it."""


@dataclass(frozen=True)
class Minds:
    """Models that help to understand a wish; where one is missing, plain code stands in."""

    read: Callable[[str, str, int], WishReading]
    embed: Embed | None = None


def plan(
    prompt: Prompt, transcript: Transcript | None, feeling: Feeling, studio: Studio, opened: Opened = _nobody
) -> Plan:
    """Read the wish, choose a frame, cast people, fill turns; raises Refused where the wish cannot be told.

    `opened` is called with the first passage as soon as no reading of the wish will change it, in most tales before
    the wish is read.
    """

    def work() -> Plan:
        made = planned_from(prompt, transcript, feeling, _minds(studio), opened)
        return made if prompt.as_written else let_run(made, prompt, studio)

    planned = studio.once("plan", "0", Plan, work)
    studio.say(Planned(planned))
    return planned


def planned_from(
    prompt: Prompt,
    transcript: Transcript | None,
    feeling: Feeling,
    minds: Minds | None = None,
    opened: Opened = _nobody,
) -> Plan:
    """Plan without a studio."""
    spoken = transcript.text if transcript else ""
    text = "\n\n".join(one for one in (prompt.text, spoken) if one.strip())
    wish = accept(prompt, text, transcript.language if transcript and not prompt.text else None)
    if prompt.as_written:
        return _verbatim(prompt, wish, feeling)
    return _by_frames(prompt, wish, feeling, minds or Minds(_plainly), opened)


def _minds(studio: Studio) -> Minds:
    def read(text: str, language: str, seed: int) -> WishReading:
        plain = read_plainly(text, language)
        if is_certain(plain, text, language):
            return plain  # no model would read it better, and the first word is heard the sooner
        try:
            with studio.borrow(Writer, language=language, reads="wishes") as writer:
                writer.settle(system())

                def complete(turn: Turn, ask: Ask) -> str:
                    return "".join(writer.complete(turn, ask, studio.check))

                return read_wish(text, language, seed, complete)
        except (Unserved, Unwell) as error:
            if is_memory_short(error):
                raise
            return plain  # a writer that cannot be reached is no reason to tell nothing

    def embed(texts: Sequence[str]) -> Array | None:
        try:
            with studio.borrow(Embedder) as embedder:
                return embedder.embed(texts)
        except Missing:
            return None

    return Minds(read, embed)


def _plainly(text: str, language: str, _seed: int) -> WishReading:
    return read_plainly(text, language)


def _by_frames(prompt: Prompt, wish: Wish, feeling: Feeling, minds: Minds, opened: Opened) -> Plan:
    frames = frames_in(wish.language)
    scores = scores_of(matter_of(looked_at(wish.text, wish.language), wish.language), minds.embed, frames)
    sayings = sayings_of(prompt, wish.language, feeling.mood)
    unread = FrameQuery(
        UNREAD,
        several=False,
        mood=feeling.mood,
        style=prompt.style,
        lately=prompt.lately,
        seed=prompt.seed,
        tone=_tone(feeling),
    )
    named = named_in(wish.text, prompt.known, wish.language)
    # Only a short, new tale: one of several episodes, or one that goes on, is not sure to begin with this frame.
    new = not (prompt.before or named)
    sure = surest(scores, unread, frames) if prompt.words <= MOST_FRAME_WORDS and new else ""
    if sure and unread.tone and unread.tone.emotion not in frames[sure].about.tones:
        sure = ""  # another frame may be of that feeling
    if sure:
        opened(_first_passage(prompt, wish, feeling, frames[sure], sayings.first), wish.language)
    reading = minds.read(wish.text, wish.language, prompt.seed) if wish.text else WishReading()
    before, again, reading = going_on_from(prompt, wish.text, reading, named, wish.language)
    reading = onward(reading, before, wish.language) if before else reading
    heroes = Casting(wish.language, prompt.seed).heroes(reading)
    negated = bool({*words_in(reading.deed)} & words_of(forms_of(wish.language).negations))
    verb = verb_of(reading.deed, wish.language)
    several, many = len(heroes) > 1, heroes[0].being.many
    asked = replace(unread, reading=reading, several=several, many=many, verb=verb, negated=negated)
    asked = replace(asked, wished=is_wished(reading.deed, wish.language), once=is_once(reading.deed, wish.language))
    words = max(LEAST_WORDS, prompt.words - sayings.words)
    kinds = _kinds(reading, wish.language, minds)
    wanted = Wanted(wish.language, words, asked, scores, frames, kinds=kinds, opened=sure)
    wanted = _going_on(wanted, before) if before else wanted
    planned = _plan(prompt, wish, feeling, reading, told(wanted), sayings)
    return replace(
        planned, hero_seed=before.facts.get("seed", "") if before else "", recalled=told_again(again, planned)
    )


def _going_on(wanted: Wanted, before: Before) -> Wanted:
    """From where the last tale stood, with somebody of it, in another frame."""
    facts, seed = before.facts, wanted.asked.seed
    lately = wanted.asked.lately
    told = replace(lately, shapes=(facts.get("frame", ""), *lately.shapes))
    opening, guest = recalled(before, wanted.language, seed), guest_of(before, wanted.language)
    known = bool(facts.get("hero"))
    return replace(wanted, asked=replace(wanted.asked, lately=told), known=known, opening=opening, guest=guest)


def _tone(feeling: Feeling) -> Mood | None:
    """The feeling that chooses: of a voice, or asked for; what words alone say is in their meaning already."""
    return feeling.mood if feeling.voice is not None or feeling.rule == ASKED else None


def _kinds(reading: WishReading, language: str, minds: Minds) -> dict[str, str]:
    lexicon = lexicon_of(language)
    phrases = {one for one in (reading.thing, reading.other) if one and lexicon.find(one) is None}
    return {phrase: kind_of(phrase, minds.embed) for phrase in phrases}


def _first_passage(prompt: Prompt, wish: Wish, feeling: Feeling, frame: TaleFrame, first: str) -> Passage:
    """Return the passage with which the finished plan will begin, a style's or teller's line first."""
    turns = [one for one in (first, prelude_of(frame, prompt.seed, parts_of(prompt.lately))) if one]
    texts = texts_of(turns, alone=True)
    mood = target_of(frame.orders[0][0].mood, feeling.mood)
    opening = passage_of(texts[0], 0, 0, mood, closes_scene=len(texts) == 1, closes_tale=False)
    return in_place(opening, wish.language)


def _plan(
    prompt: Prompt, wish: Wish, feeling: Feeling, reading: WishReading, telling: Telling, sayings: Sayings
) -> Plan:
    first = telling.episodes[0]
    orders = ("orders_ignored",) if orders_us(prompt) else ()
    return Plan(
        title=titled(plain_text(first.weaving.title), wish.language),
        language=wish.language,
        shape=first.frame.id,
        seed=prompt.seed,
        feeling=feeling,
        facts=facts_of(telling.episodes, reading),
        beats=_beats(telling, feeling.mood, sayings),
        home_key=number(prompt.seed, "key") % 12,
        ending=prompt.mood if prompt.mood in DARK else first.frame.about.ending,
        notes=tuple(dict.fromkeys((*wish.notes, *orders))),
        asked=wish.text,
        persona=persona_of(prompt),
        read={key: value for key, value in asdict(reading).items() if value},
        chosen=tuple(one.chosen for one in telling.episodes),
        closing=closing_of(first.weaving.scenes[-1].turns[-1]),
    )


def _beats(telling: Telling, mood: Mood, sayings: Sayings) -> tuple[Beat, ...]:
    """Return the plan's scenes; the first sentence is one by itself, since nothing decided later changes it."""
    frame, stretches = telling.episodes[0].frame, telling.stretches
    opening = [one for one in (sayings.first, telling.prelude) if one]
    first = _beat(0, PRELUDE, target_of(frame.orders[0][0].mood, mood), opening)
    beats = [replace(first, fixed=tuple(range(len(opening))))]
    grieves = Emotion.JOY in frame.about.never  # nobody speaks up in a goodbye
    after = {} if grieves else spread(len(stretches), sayings.asides)
    after |= {len(stretches) - 1: sayings.last} if sayings.last and not grieves else {}
    for at, one in enumerate(stretches):
        said = one.with_more(after[at]) if at in after else one
        beats.append(replace(_beat(at + 1, one.name, target_of(one.mood, mood), _spoken_by(said)), fixed=said.fixed))
    return tuple(beats)


def _beat(scene: int, name: str, target: Mood, turns: Sequence[str]) -> Beat:
    return Beat(scene, name, target, sum(map(spoken_words, turns)), tuple(turns))


def _spoken_by(scene: ToldScene) -> tuple[str, ...]:
    """Return its turns with names in place of the frame's letters, which stand for others in another episode."""
    beings = scene.scope.beings

    def named(turn: str) -> str:
        for key, being in beings.items():
            turn = turn.replace(f"@{key}(", f"@{{{being.the}}}(").replace(f"@{key} ", f"@{{{being.the}}} ")
            turn = turn.replace(f"@{key}“", f"@{{{being.the}}}“")
        return turn

    return tuple(named(turn) for turn in scene.turns)


def _verbatim(prompt: Prompt, wish: Wish, feeling: Feeling) -> Plan:
    pieces = pieces_of(wish.text)
    first = " ".join(pieces[0].text.split()[:7]).rstrip(",.;:!?") if pieces else ""
    return Plan(
        title=prompt.source.title if prompt.source else first,
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
        reins=AS_WRITTEN,
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
