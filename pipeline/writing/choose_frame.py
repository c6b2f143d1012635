"""Chooses the frame for a wish."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.words.mood import Emotion, Mood
from pipeline.words.prompt import Lately
from pipeline.writing.frames import TALES, TaleFrame, frames_in
from pipeline.writing.lexicon import lexicon_of
from pipeline.writing.readings import WishReading
from pipeline.writing.seeds import number
from pipeline.writing.tongue import tongues, words_in

Array = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Array | None]
"""Returns a row for each text; None where there is no embedder."""
INDEX, MADE = TALES / "choice.npz", "wishes.tsv"
NOUNS_A_KIND = 14
"""Nouns of each kind and language from which kinds are learnt."""
RIDGE = 3.0
"""Penalty on the weights of kinds in the regression."""
NEARNESS, HELD = 0.5, 0.3
"""Width of the kernel, and penalty on its weights. Of 120 new wishes the frame is right in 73 % by this, in 64 % by a
linear fit of the same meanings, in 62 % by the nearest five."""
STYLE, VERB, MOOD, NEVER, UNMET, TOLD, TOLD_TWICE, CHANCE = 0.6, 0.25, 0.08, 2.0, 3.0, 1.0, 2.0, 0.02
"""Weights beside meaning's, in which 1 lies between a sure frame and an unrelated one."""
SURE, AHEAD = 0.35, 0.15
"""How near a frame must be, and how far ahead of the next, for its first sentence to be spoken before the reading."""
TRUSTED, NOT, WISHED, ONCE = 0.15, "not", "wished", "once"
STEPS, NEAR_TALES = 127, 5  # steps of a meaning's numbers, a byte each in the file; last tales whose frames rest
NAMED = frozenset({"deed", "other", "place"})
"""Parts of a wish that a frame may need and cannot invent."""


@dataclass(frozen=True)
class Index:
    """What was learnt from the example wishes."""

    frames: tuple[str, ...]
    centre: Array
    """Mean of all example wishes' rows."""
    wishes: Array
    """(wishes, width): their rows around the mean."""
    duals: Array
    """(wishes, frames): how much each speaks for and against each frame."""
    usual: Array
    """Share of each frame among the examples."""
    kinds: tuple[str, ...]
    kind_centre: Array
    kind_weights: Array
    """(width + 1, kinds)."""
    digest: str = ""
    """Digest of the example wishes it was made from."""

    def scores(self, rows: Array) -> Array:
        """Return (texts, frames): about 1 for a frame with such wishes, about 0 for the others."""
        scored: Array = _nearness(_around(rows, self.centre), self.wishes) @ self.duals + self.usual
        return scored


@dataclass(frozen=True)
class Choice:
    """A frame, with what spoke for it."""

    frame: str
    near: float
    """Likeness of the wish to its example wishes, about 0 to 1."""
    weight: float
    """The same, with all that counts beside meaning."""
    among: tuple[tuple[str, float], ...]
    """The five best with their weight, the chosen one first."""


@dataclass(frozen=True)
class FrameQuery:
    """What counts of a wish beside its meaning."""

    reading: WishReading
    several: bool
    """Whether its heroes are more than one."""
    mood: Mood
    style: str | None
    lately: Lately
    seed: int
    verb: str = ""
    """The infinitive of the deed."""
    many: bool = False
    """Whether its one hero is several told as one: `the clouds`."""
    negated: bool = False
    wished: bool = False
    once: bool = False
    """Whether the deed is not done; is only dreamed of, tried or learned; was done one time."""
    tone: Mood | None = None
    """The feeling of a voice, or asked for; one read from the words is in their meaning already."""

    def has(self, unwanted: str) -> bool:
        """Whether the wish names what a frame leaves untold: a part, or how the deed is done."""
        named = getattr(self.reading, unwanted, "") not in {"", "?"}
        return {NOT: self.negated, WISHED: self.wished, ONCE: self.once}.get(unwanted, named)

    def gives(self, need: str) -> bool:
        """Whether the wish names what a frame needs; what is a trait, its sets decide.

        Where it names somebody and nothing else, a thing may be found for them.
        """
        one = self.reading
        if need == "thing":
            return bool(one.thing or one.other or one.place or not (one.deed or one.state))
        if need == "other":
            return bool(one.other or one.thing or self.several)
        return need not in NAMED or bool(getattr(one, need))


def choose(scores: Mapping[str, float], asked: FrameQuery, frames: Mapping[str, TaleFrame]) -> list[Choice]:
    """Return all frames of a language, the fittest first."""
    near = {name: max(scores.get(name, 0.0), frame.about.carries) for name, frame in frames.items()}
    weighed = {name: near[name] + _beside(frame, asked, near[name]) for name, frame in frames.items()}
    weighed = {name: one - UNMET * (near[name] < frames[name].about.least_near) for name, one in weighed.items()}
    order = sorted(weighed, key=lambda name: (-weighed[name], name))  # by name too: a seed must retell
    best = tuple((name, round(weighed[name], 3)) for name in order[:5])
    return [Choice(name, round(near[name], 3), round(weighed[name], 3), best) for name in order]


def surest(scores: Mapping[str, float], asked: FrameQuery, frames: Mapping[str, TaleFrame]) -> str:
    """Return the frame that no reading of the wish will change; empty where it might."""
    ranked = choose(scores, asked, frames)
    if len(ranked) < 2 or ranked[0].near < SURE:
        return ""
    (first, most), (_, next_) = ranked[0].among[:2]
    return first if most - next_ >= AHEAD else ""


def scores_of(wish: str, embed: Embed | None, frames: Mapping[str, TaleFrame]) -> dict[str, float]:
    """Score frames by meaning; by shared words where there is no embedder."""
    index = read_index()
    rows = embed([wish]) if embed and index and wish else None
    if rows is None or index is None:
        return _by_words(wish, frames)
    return dict(zip(index.frames, map(float, index.scores(rows)[0]), strict=True))


def _beside(frame: TaleFrame, asked: FrameQuery, near: float) -> float:
    about = frame.about
    feeling = asked.mood.emotion
    told = [recipe.split(" ")[0] for recipe in asked.lately.shapes]
    weight = STYLE * (asked.style in about.styles) if asked.style else 0.0
    weight += MOOD * asked.mood.certainty * (feeling in about.moods) if feeling is not Emotion.NEUTRAL else 0.0
    weight += VERB * (asked.verb in frame.verbs) * trusted(near)
    weight -= NEVER * (feeling in about.never) * asked.mood.certainty
    weight -= UNMET * (len(unmet(frame, asked)) > 0)
    weight -= TOLD * (frame.id in told[:NEAR_TALES]) + TOLD_TWICE * max(0, told.count(frame.id) - 1)
    return weight + CHANCE * (number(asked.seed, f"frame:{frame.id}") % 1000) / 1000


def trusted(near: float) -> float:
    """Return how far a word may speak for a frame, 0..1: not where the meaning of the whole wish is far from it."""
    return min(1.0, max(0.0, near / TRUSTED))


def unmet(frame: TaleFrame, asked: FrameQuery) -> tuple[str, ...]:
    """Return what the frame needs and the wish does not give; a thing can be found, two heroes and a deed cannot."""
    about_hero = frame.about.matter in {"hero", "comer"}
    needs = [need for need in frame.about.needs if not asked.gives(need) and not (need == "thing" and about_hero)]
    parts = frame.about.matter == "other" or {"two", "other"} & {*frame.about.needs}
    needs += ["one"] if (asked.several or asked.many) and not frame.about.plural and not parts else []
    needs += [f"no {need}" for need in frame.about.without if asked.has(need)]
    needs += ["its deed"] if frame.is_against(asked.verb, asked.reading.deed, negated=asked.negated) else []
    needs += ["hero"] if frame.about.matter == "hero" and not (asked.reading.who or asked.reading.hero) else []
    return tuple(needs)


def _by_words(wish: str, frames: Mapping[str, TaleFrame]) -> dict[str, float]:
    # The first five letters stand for a stem: without a model there is none for every language.
    asked = {word[:5] for word in words_in(wish) if len(word) > 2}
    near = {name: max((len(asked & one) for one in _stems(frame.wishes)), default=0) for name, frame in frames.items()}
    return {name: words / (1 + len(asked)) for name, words in near.items()}


@cache
def _stems(wishes: tuple[str, ...]) -> list[frozenset[str]]:
    return [frozenset(word[:5] for word in words_in(one)) for one in wishes]


def examples() -> list[tuple[str, str]]:
    """Return (frame, wish) of every language that ships, in a fixed order, then those of wishes.tsv."""
    own = [(name, wish) for code in tongues() for name, frame in frames_in(code).items() for wish in frame.wishes]
    made = [line.split("\t") for line in (TALES / MADE).read_text("utf-8").splitlines() if line[:1] not in ("", "#")]
    return [*own, *((name, wish) for name, _, wish in made)]


def digest(found: Sequence[tuple[str, str]]) -> str:
    """Return the digest of all example wishes: an index with another is out of date."""
    return hashlib.sha256("\n".join("\t".join(one) for one in found).encode()).hexdigest()[:16]


def make_index(embed: Callable[[Sequence[str]], Array]) -> bytes:
    """Fit wishes to frames by kernel ridge regression, and nouns to kinds by a plain one; returns the file."""
    found, nouns = examples(), noun_examples()
    rows = embed([text for _, text in found])
    frames, centre = sorted({frame for frame, _ in found}), rows.mean(axis=0)
    wishes = np.round(_around(rows, centre) * STEPS).astype(np.int8)
    told = np.array([[one == name for name in frames] for one, _ in found], np.float32)
    # Fitted on the rounded rows, since those are what the shipped file compares with.
    kept = (wishes / np.float32(STEPS)).astype(np.float32)
    near = _nearness(kept, kept)
    duals = np.linalg.solve(near + HELD * np.eye(len(near)), told - told.mean(axis=0))
    kinds, kind_centre, kind_weights = _learnt(nouns, embed)
    file = io.BytesIO()
    np.savez_compressed(
        file,
        frames=np.array(frames),
        kinds=np.array(kinds),
        digest=np.array(digest(found)),
        centre=centre.astype(np.float16),
        wishes=wishes,
        duals=duals.astype(np.float16),
        usual=told.mean(axis=0).astype(np.float16),
        kind_centre=kind_centre.astype(np.float16),
        kind_weights=kind_weights.astype(np.float16),
    )
    return file.getvalue()


def _learnt(
    found: Sequence[tuple[str, str]], embed: Callable[[Sequence[str]], Array]
) -> tuple[list[str], Array, Array]:
    """Return (names, mean, weights) fitted to pairs of a name and a text."""
    rows = embed([text for _, text in found])
    names = sorted({name for name, _ in found})
    centre = rows.mean(axis=0)
    lifted = _lifted(rows, centre)
    wanted = np.array([[one == name for name in names] for one, _ in found], np.float32)
    weights = np.linalg.solve(lifted.T @ lifted + RIDGE * np.eye(lifted.shape[1]), lifted.T @ wanted)
    return names, centre, weights


@cache
def kind_of(noun: str, embed: Embed | None) -> str:
    """Return the likeliest kind of a noun that the lexicon does not have; empty where there is no embedder."""
    index = read_index()
    rows = embed([noun]) if embed and index and noun else None
    if rows is None or index is None:
        return ""
    return index.kinds[int(np.argmax(_lifted(rows, index.kind_centre) @ index.kind_weights))]


def noun_examples() -> list[tuple[str, str]]:
    """Return (kind, noun) of every language's lexicon, the first ones of each kind."""
    found: list[tuple[str, str]] = []
    for code in tongues():
        seen: Counter[str] = Counter()
        for noun in lexicon_of(code).rows.values():
            seen[noun.kind] += 1
            found += [(noun.kind, noun.one)] if seen[noun.kind] <= NOUNS_A_KIND else []
    return found


@cache
def read_index(file: Path = INDEX) -> Index | None:
    """Read the shipped index; None where it was never made."""
    if not file.is_file():
        return None
    with np.load(file, allow_pickle=False) as kept:
        centre, duals, usual, kind_centre, kind_weights = (
            kept[name].astype(np.float32) for name in ("centre", "duals", "usual", "kind_centre", "kind_weights")
        )
        wishes = kept["wishes"].astype(np.float32) / STEPS
        frames, kinds = (tuple(str(name) for name in kept[what]) for what in ("frames", "kinds"))
        digest = str(kept["digest"])
    return Index(frames, centre, wishes, duals, usual, kinds, kind_centre, kind_weights, digest)


def _nearness(rows: Array, others: Array) -> Array:
    """Return the kernel: 1 for the same meaning, less with distance."""
    near: Array = np.exp(-NEARNESS * (2 - 2 * rows @ others.T))
    return near


def _around(rows: Array, centre: Array) -> Array:
    """Return rows around the mean of all wishes, of length one."""
    moved = rows - centre
    around: Array = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6)
    return around


def _lifted(rows: Array, centre: Array) -> Array:
    """Return the same with a constant column."""
    lifted: Array = np.hstack([_around(rows, centre), np.ones((len(rows), 1), np.float32)])
    return lifted
