"""Cost of one changed line."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.artifacts import Artifacts
from pipeline.audio.decode import blocks_of
from pipeline.cancelled import Cancelled
from pipeline.cli.here import opened
from pipeline.telling.in_memory import InMemory
from pipeline.telling.line import tell
from pipeline.words.jsonable import to_json
from pipeline.words.mood import Emotion
from pipeline.words.prompt import WORDS_PER_MINUTE, Change, Edit, Prompt
from pipeline.words.sound import RATE_HZ
from pipeline.words.tale import Tale

WISH = "A clockmaker who is afraid of silence moves into a house by the sea"
WORDS = "The sea said nothing, and for once that was enough."
KINDS = {
    "again": {"how": Edit.AGAIN},
    "sadder": {"how": Edit.FEEL, "mood": Emotion.SADNESS},
    "words": {"how": Edit.WORDS, "words": WORDS},
}


@dataclass(frozen=True)
class EditCost:
    """CPU seconds of a tale, and of changes to one line in its middle."""

    tale_s: float
    minutes: float
    edits_s: dict[str, float]
    same: bool
    """Whether all outside the change was the same to the sample."""

    @property
    def share(self) -> float:
        """Of the dearest change."""
        return max(self.edits_s.values()) / self.tale_s


def edit_cost(minutes: float, seed: int) -> EditCost:
    """Tell a tale of about so many minutes, then change one line of it in each way."""
    with opened(quiet=True) as here, tempfile.TemporaryDirectory(prefix="echotales-bench-") as folder:
        keep = Artifacts(Path(folder))

        def told(prompt: Prompt) -> tuple[Tale, float]:
            since_s = time.process_time()
            tale = tell(prompt, InMemory(here.shelf, keep, lambda _event: None, Cancelled()).studio)
            return tale, time.process_time() - since_s

        tell_short = Prompt("A lamp that sings", seed, words=40, language="en")
        told(tell_short)  # loads the models: neither the tale nor its changes pay for that
        tale, tale_s = told(Prompt(WISH, seed, words=round(minutes * WORDS_PER_MINUTE), language="en"))
        whole = keep(json.dumps(to_json(tale)).encode(), ".json")
        at = len(tale.story.passages) // 2
        costs, same = {}, True
        for name, how in KINDS.items():
            change = replace(Change(whole, at, at, Edit.AGAIN, 1, 20), **how)  # type: ignore[arg-type] # its fields
            changed, costs[name] = told(replace(tale.prompt, change=change))
            same = same and _same(keep, tale, changed, at)
        return EditCost(tale_s, tale.master.samples / RATE_HZ / 60, costs, same)


def _same(keep: Artifacts, old: Tale, new: Tale, at: int) -> bool:
    """Whether the sound before the change, and behind all that rings of it, is the same to the sample."""
    sounds = [np.concatenate(list(blocks_of(keep.path(one.master.audio)))) for one in (old, new)]
    was, now = (next(one for one in tale.timeline.placed if one.scored.passage == at) for tale in (old, new))
    rings = max(was.scored.tail_samples, now.scored.tail_samples) + 4 * RATE_HZ
    before = np.array_equal(sounds[0][: was.start], sounds[1][: now.start])
    return before and np.array_equal(sounds[0][was.end + rings :], sounds[1][now.end + rings :])
