"""Drafts, and which of them is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.roles import Ask, Turn
from pipeline.writing.reins.asking import SceneAsker, ScenePart
from pipeline.writing.reins.guards import LEAST_OF_A_LINE, DraftBounds, fault_of, worth
from pipeline.writing.reins.replies import Unattributed, with_speakers
from pipeline.writing.seeds import number

TOGETHER = 3
"""Drafts made side by side, always so many: the width of a batch changes its last bits, and with them the tale."""
TRIES = 3
Draft = Callable[[Turn, Ask, int], Sequence[str]]
"""So many completions of one turn."""
Unsafe = Callable[[str], bool]
"""Whether a text would harm who listens."""


@dataclass(frozen=True)
class ChosenDraft:
    """The words of a part, or why there are none."""

    text: str = ""
    """With its speakers marked; empty where every draft failed."""
    faults: tuple[str, ...] = ()
    """Of each draft that was not told."""


@dataclass(frozen=True)
class Drafts:
    """One tale's drafts, and their judge."""

    asker: SceneAsker
    bounds: DraftBounds
    """Of the tale; each part fills in its own."""
    seed: int
    unsafe: Unsafe

    def best(self, part: ScenePart, told: str, lines: Sequence[str], draft: Draft) -> ChosenDraft:
        """The best that passes its guards, of three side by side, tried three times."""
        faults: list[str] = []
        for attempt in range(TRIES):
            seed = number(self.seed, f"part:{part.index}:{attempt}") % 2**31
            made = draft(*self.asker.part(part, told, lines, seed), TOGETHER)
            chosen, found = self._judged(made, part, self._bounds(part, told, lines))
            faults += found
            if chosen:
                return ChosenDraft(chosen, tuple(faults))
        return ChosenDraft(faults=tuple(faults))

    def _judged(self, made: Sequence[str], part: ScenePart, bounds: DraftBounds) -> tuple[str, list[str]]:
        """The best of these, and what was wrong with others; what would do harm is looked for last, since it costs."""
        faults: list[str] = []
        sound: list[tuple[float, str]] = []
        for text in (" ".join(one.split()) for one in made):
            marked, fault = _marked(text, part, bounds)
            faults += [fault] if fault else []
            sound += [] if fault else [(-worth(text, bounds), marked)]
        for _, marked in sorted(sound):
            if not self.unsafe(marked):
                return marked, faults
            faults.append("unsafe")
        return "", faults

    def _bounds(self, part: ScenePart, told: str, lines: Sequence[str]) -> DraftBounds:
        least = LEAST_OF_A_LINE if lines else self.bounds.least_kept
        known = f"{self.bounds.known} {' '.join(lines)}"
        return replace(self.bounds, words=part.words, outline=part.outline, told=told, known=known, least_kept=least)


def _marked(text: str, part: ScenePart, bounds: DraftBounds) -> tuple[str, str]:
    """The draft with its speakers marked, or what is wrong with it."""
    fault = fault_of(text, bounds)
    if fault:
        return "", fault
    try:
        return with_speakers(text, part.speakers, bounds.language), ""
    except Unattributed:
        return "", "speaker"
