"""Every scene felt once it is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pipeline.telling.arc import arc_of
from pipeline.telling.feel import scene_mood
from pipeline.telling.studio import Studio
from pipeline.words.mood import Mood
from pipeline.words.story import Passage, Plan, Story


class Rereading:
    """Reads each finished scene again, without keeping anybody waiting for it."""

    def __init__(self, plan: Plan, studio: Studio) -> None:
        self._plan = plan
        self._studio = studio
        self._felt: dict[int, Mood] = {}

    def following(self, passages: Iterable[Passage]) -> Iterator[Passage]:
        """The same passages; a scene is read after its last one was handed on."""
        text = ""
        for passage in passages:
            text = f"{text} {passage.text}".strip()
            yield passage
            if passage.closes_scene:
                self._felt[passage.scene] = scene_mood(passage.scene, text, self._plan.language, self._studio)
                text = ""

    def marked(self, story: Story) -> Story:
        """The story with its scenes' moods as they were felt, each in the light of its neighbours."""
        scenes = [scene for scene in story.scenes if scene.index in self._felt]
        smooth = arc_of([self._felt[scene.index] for scene in scenes]).moods
        moods = {scene.index: mood for scene, mood in zip(scenes, smooth, strict=True)}
        return replace(
            story, scenes=tuple(replace(scene, mood=moods.get(scene.index, scene.mood)) for scene in story.scenes)
        )
