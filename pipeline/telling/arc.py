"""Every scene as it was felt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pipeline.telling.feel import scene_mood
from pipeline.telling.studio import Studio
from pipeline.words.mood import Mood
from pipeline.words.story import Passage, Plan, Story


class Arc:
    """Reads each scene again once it is whole, without keeping anybody waiting for it."""

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
        """The story with its scenes' moods as they were felt."""
        scenes = tuple(replace(scene, mood=self._felt.get(scene.index, scene.mood)) for scene in story.scenes)
        return replace(story, scenes=scenes)
