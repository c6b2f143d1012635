"""Reads each finished scene's mood again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.telling.feel import scene_mood
from pipeline.telling.studio import Studio
from pipeline.words.mood import Emotion, Mood
from pipeline.words.story import Passage, Plan, Story

NEIGHBOURS = 0.25
"""Weight of each neighbour in a scene's smoothed mood, beside 1 for its own."""
LEAST_TURN = 0.45
"""How far a mood must move, in valence and arousal together, to be a turning point."""


class Rereading:
    """Reads each finished scene again, after its last passage was handed on, so that nobody waits for it."""

    def __init__(self, plan: Plan, studio: Studio) -> None:
        self._plan = plan
        self._studio = studio
        self._felt: dict[int, Mood] = {}

    def following(self, passages: Iterable[Passage]) -> Iterator[Passage]:
        """Give the same passages; a scene is read after its last one was handed on."""
        text = ""
        for passage in passages:
            text = f"{text} {passage.text}".strip()
            yield passage
            if passage.closes_scene:
                self._felt[passage.scene] = scene_mood(passage.scene, text, self._plan.language, self._studio)
                text = ""

    def marked(self, story: Story) -> Story:
        """Return the story with its scenes' moods as read, smoothed by their neighbours."""
        scenes = [scene for scene in story.scenes if scene.index in self._felt]
        smooth = arc_of([self._felt[scene.index] for scene in scenes]).moods
        moods = {scene.index: mood for scene, mood in zip(scenes, smooth, strict=True)}
        return replace(
            story, scenes=tuple(replace(scene, mood=moods.get(scene.index, scene.mood)) for scene in story.scenes)
        )


@dataclass(frozen=True)
class Arc:
    """Smoothed moods of all scenes."""

    moods: tuple[Mood, ...]
    turns: tuple[int, ...]
    """Scenes at which the feeling turns, by index."""


def arc_of(felt: Sequence[Mood]) -> Arc:
    """Smooth moods, so that one odd sentence does not change the music; a true turn stays where it is."""
    turns = tuple(at for at in range(1, len(felt)) if _moved(felt[at - 1], felt[at]) >= LEAST_TURN)
    return Arc(tuple(_smoothed(felt, at, turns) for at in range(len(felt))), turns)


def _smoothed(felt: Sequence[Mood], at: int, turns: Sequence[int]) -> Mood:
    parts = [(felt[at], 1.0)]
    if at > 0 and at not in turns:
        parts.append((felt[at - 1], NEIGHBOURS))
    if at + 1 < len(felt) and at + 1 not in turns:
        parts.append((felt[at + 1], NEIGHBOURS))
    return _mixed(parts)


def _mixed(parts: Sequence[tuple[Mood, float]]) -> Mood:
    whole = sum(share for _, share in parts)
    weights = {
        emotion: sum(mood.weights.get(emotion, 0.0) * share for mood, share in parts) / whole for emotion in Emotion
    }
    certainty = sum(mood.certainty * share for mood, share in parts) / whole
    arousal = sum(mood.arousal * share for mood, share in parts) / whole
    return Mood.of(weights, certainty, arousal)


def _moved(one: Mood, other: Mood) -> float:
    return abs(other.valence - one.valence) / 2 + abs(other.arousal - one.arousal)
