"""The tale as it comes, at a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline.words.event import CueReady, Event, Felt, Narrated, Planned, StageStarted, Written
from pipeline.words.mood import Emotion

MARKS: dict[Emotion, str] = {
    Emotion.ANGER: "red", Emotion.DISGUST: "green", Emotion.FEAR: "magenta", Emotion.JOY: "yellow",
    Emotion.NEUTRAL: "white", Emotion.SADNESS: "blue", Emotion.SURPRISE: "cyan",
}  # fmt: skip


class Progress:
    """Folds events into what a reader sees: stage, story so far, time left."""

    def __init__(self, words: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._words = words
        self._clock = clock
        self._since_s = clock()
        self._stage = "starting"
        self._title = ""
        self._mood: Emotion | None = None
        self._story: list[tuple[int, str, Emotion]] = []
        self._written = self._scored = 0

    def __call__(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case StageStarted(stage=stage):
                self._stage = stage
            case Felt(feeling=feeling):
                self._mood, self._stage = feeling.mood.emotion, "plan"
            case Planned(plan=plan):
                self._title, self._stage = plan.title, "write"
            case Written(passage=passage):
                self._story.append((passage.scene, passage.text, passage.mood.emotion))
                self._written += len(passage.text.split())
                self._stage = "narrate"
            case Narrated():
                self._stage = "compose"
            case CueReady(scored=scored) if scored.passage >= 0:
                self._scored = self._written
                self._stage = "write" if self._written < self._words * 0.85 else "mix"

    @property
    def share(self) -> float:
        """0..1 of the tale that is finished."""
        return min(0.97, (self._written + self._scored) / (2 * max(1, self._words)))

    @property
    def left_s(self) -> float | None:
        """Seconds left at the pace so far; None while nothing can be said."""
        if self.share < 0.05:
            return None
        spent_s = self._clock() - self._since_s
        return spent_s * (1 - self.share) / self.share

    def __rich__(self) -> Group:
        head = Table.grid(padding=(0, 1))
        left = "" if self.left_s is None else f"about {max(1, round(self.left_s))} s left"
        mood = f"[{MARKS[self._mood]}]{self._mood}[/]" if self._mood else ""
        head.add_row(ProgressBar(total=1.0, completed=self.share, width=24), self._stage, mood, left)
        title = Text(self._title, style="bold") if self._title else Text("")
        return Group(title, Text.from_markup(self._body()), head)

    def _body(self) -> str:
        scenes: dict[int, list[str]] = {}
        for scene, text, emotion in self._story:
            scenes.setdefault(scene, []).append(f"[{MARKS[emotion]}]{escape(text)}[/]")
        return "\n".join(" ".join(parts) for parts in scenes.values())


@contextmanager
def shown(words: int, quiet: bool) -> Iterator[Callable[[Event], None]]:
    """A live display on standard error for the block, or nothing at all when quiet."""
    if quiet:
        yield lambda _event: None
        return
    progress = Progress(words)
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _line_by_line(console)
        return
    with Live(progress, console=console, refresh_per_second=8, transient=False):
        yield progress


def _line_by_line(console: Console) -> Callable[[Event], None]:
    def say(event: Event) -> None:
        match event:
            case Planned(plan=plan):
                console.print(plan.title, markup=False, style="bold")
            case Written(passage=passage):
                console.print(passage.text, markup=False)
            case _:
                pass

    return say
