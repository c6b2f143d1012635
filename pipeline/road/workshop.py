"""What an executor with models can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.road.errands import kept_json, learn, let_hear, say_why, write_down
from pipeline.road.steps import Lender
from pipeline.telling.line import tell
from pipeline.telling.studio import Studio
from pipeline.words.jsonable import to_json
from pipeline.words.request import Clone, Explain, Request, Sample, Tell, Transcribe
from pipeline.words.sound import Artifact
from pipeline.words.tale import Tale


@dataclass(frozen=True)
class ModelWorkshop:
    """The line and its errands, with the models of one shelf."""

    lender: Lender
    sign: Callable[[Tale], Tale]
    """Adds with what it was made, and what may be done with it."""
    make_room: Callable[[], None] = lambda: None
    """Before a tale is begun; raises Unwell where it could not be kept."""

    def make(self, request: Request, studio: Studio) -> Artifact:
        """One job; of a tale, all of it as JSON."""
        match request:
            case Tell(prompt=prompt):
                studio.once("room", "0", bool, self._has_room)
                return self._signed(tell(prompt, studio), studio)
            case Transcribe():
                return write_down(request, studio)
            case Sample():
                return let_hear(request, studio)
            case Explain():
                return say_why(request, studio)
            case Clone():
                return learn(request, studio)

    def _has_room(self) -> bool:
        self.make_room()
        return True

    def _signed(self, tale: Tale, studio: Studio) -> Artifact:
        # A step, since what it cost and who made it would differ on a replay.
        return studio.once("sign", "0", Artifact, lambda: kept_json(to_json(self.sign(tale)), studio))
