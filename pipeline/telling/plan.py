"""The tale before its first word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from pipeline.errors import Missing, Unserved
from pipeline.roles import Ask, Embedder, Turn, Writer
from pipeline.telling.studio import Studio
from pipeline.words.event import Planned
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.sound import Transcript
from pipeline.words.story import Beat, Facts, Person, Plan
from pipeline.writing.cast_tale import Casting
from pipeline.writing.choose_frame import Array, Asked, Embed, scores_of
from pipeline.writing.episodes import Episode, Wanted, episodes, facts_of
from pipeline.writing.forms import forms_of
from pipeline.writing.frames import frames_in
from pipeline.writing.read_plainly import read_plainly
from pipeline.writing.read_wish import read_wish
from pipeline.writing.readings import Reading
from pipeline.writing.seeds import choice, number
from pipeline.writing.titles import titled
from pipeline.writing.told_lines import plain_text
from pipeline.writing.tongue import count_words
from pipeline.writing.verbatim import Piece, pieces_of
from pipeline.writing.weave import Woven, spoken_words
from pipeline.writing.wish import Wish, accept, cleaned

AS_WRITTEN = "as_written"
DARK = frozenset({Emotion.SADNESS, Emotion.FEAR, Emotion.ANGER, Emotion.DISGUST})
ASKED_SHARE = 0.4
"""Of a scene's mood, where the tale was asked or felt to be in one."""


@dataclass(frozen=True)
class Minds:
    """Who helps to understand a wish; where somebody lacks, plain code stands in."""

    read: Callable[[str, str, int], Reading]
    embed: Embed | None = None


def plan(prompt: Prompt, transcript: Transcript | None, feeling: Feeling, studio: Studio) -> Plan:
    """Wish read, frame chosen, people cast, turns filled; raises Refused where the wish cannot be told."""

    def work() -> Plan:
        return planned_from(prompt, transcript, feeling, _minds(studio))

    planned = studio.once("plan", "0", Plan, work)
    studio.say(Planned(planned))
    return planned


def planned_from(prompt: Prompt, transcript: Transcript | None, feeling: Feeling, minds: Minds | None = None) -> Plan:
    """The same, for whoever has no studio."""
    spoken = transcript.text if transcript else ""
    text = "\n\n".join(one for one in (prompt.text, spoken) if one.strip())
    wish = accept(prompt, text, transcript.language if transcript and not prompt.text else None)
    if prompt.as_written:
        return _verbatim(prompt, wish, feeling)
    return _by_frames(prompt, wish, feeling, minds or Minds(_plainly))


def _minds(studio: Studio) -> Minds:
    def read(text: str, language: str, seed: int) -> Reading:
        try:
            with studio.borrow(Writer, language=language, reads="wishes") as writer:

                def complete(turn: Turn, ask: Ask) -> str:
                    return "".join(writer.complete(turn, ask, studio.check))

                return read_wish(text, language, seed, complete)
        except Unserved:
            return read_plainly(text, language)

    def embed(texts: Sequence[str]) -> Array | None:
        try:
            with studio.borrow(Embedder) as embedder:
                return embedder.embed(texts)
        except Missing:
            return None

    return Minds(read, embed)


def _plainly(text: str, language: str, _seed: int) -> Reading:
    return read_plainly(text, language)


def _by_frames(prompt: Prompt, wish: Wish, feeling: Feeling, minds: Minds) -> Plan:
    reading = minds.read(wish.text, wish.language, prompt.seed) if wish.text else Reading()
    if prompt.before:
        reading = replace(reading, hero=prompt.before.facts.get("hero", "") or reading.hero)
    frames = frames_in(wish.language)
    several = len(Casting(wish.language, prompt.seed).heroes(reading)) > 1
    asked = Asked(reading, several, feeling.mood, prompt.style, prompt.lately, prompt.seed)
    scores = scores_of(wish.text, minds.embed, frames)
    wanted = Wanted(wish.language, prompt.words, asked, scores, frames, known=bool(prompt.before))
    return _plan(prompt, wish, feeling, reading, episodes(wanted))


def _plan(prompt: Prompt, wish: Wish, feeling: Feeling, reading: Reading, told: list[Episode]) -> Plan:
    first = told[0]
    persona = cleaned(prompt.storyteller.persona).rstrip(" ,;:.!?")
    return Plan(
        title=titled(plain_text(first.weaving.title), wish.language),
        language=wish.language,
        shape=first.frame.id,
        seed=prompt.seed,
        feeling=feeling,
        facts=facts_of(told, reading),
        beats=_beats(told, feeling.mood, _told_by(persona, wish.language, prompt.seed)),
        home_key=number(prompt.seed, "key") % 12,
        ending=prompt.mood if prompt.mood in DARK else first.frame.about.ending,
        notes=wish.notes,
        asked=wish.text,
        persona=persona,
        read={key: value for key, value in asdict(reading).items() if value},
        chosen=tuple(one.chosen for one in told),
    )


def _told_by(persona: str, language: str, seed: int) -> str:
    """A first word for whoever is wished as the teller."""
    if not persona:
        return ""
    line = choice(forms_of(language).told_by, seed, "persona").format(persona=persona)
    return line[:1].upper() + line[1:]


def _beats(told: list[Episode], mood: Mood, first: str) -> tuple[Beat, ...]:
    beats: list[Beat] = []
    for episode in told:
        openings = [one for one in (first if not beats else "", episode.weaving.prelude) if one]
        for at, scene in enumerate(episode.weaving.scenes):
            people = _spoken_by(scene, episode)
            turns = (*openings, *people) if at == 0 else people
            beats.append(Beat(len(beats), scene.name, _target(scene.mood, mood), sum(map(spoken_words, turns)), turns))
    return tuple(beats)


def _spoken_by(scene: Woven, episode: Episode) -> tuple[str, ...]:
    """Its turns with names in place of the frame's own letters, which another episode uses for somebody else."""
    beings = episode.weaving.scope.beings

    def named(turn: str) -> str:
        for key, being in beings.items():
            turn = turn.replace(f"@{key}(", f"@{{{being.the}}}(").replace(f"@{key} ", f"@{{{being.the}}} ")
            turn = turn.replace(f"@{key}“", f"@{{{being.the}}}“")
        return turn

    return tuple(named(turn) for turn in scene.turns)


def _target(scene: Emotion, mood: Mood) -> Mood:
    asked = 0.0 if mood.emotion is Emotion.NEUTRAL else ASKED_SHARE * mood.certainty
    weights = {scene: 1 - asked}
    for emotion, share in mood.weights.items():
        weights[emotion] = weights.get(emotion, 0.0) + asked * share
    return Mood.of(weights)


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
