"""A writer that retells what it is shown."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleError
from pipeline.roles import Ask, Kind, Turn
from pipeline.words.prompt import Prompt
from pipeline.writing.frames import frames_in
from pipeline.writing.reins.asking import asking_in
from pipeline.writing.tongue import tongues

STORM = Prompt("A lighthouse keeper named Mira befriends a storm", 4)
WISHES = {
    "en": STORM.text,
    "pt": "Uma faroleira chamada Rita fica amiga de uma tempestade",
    "es": "Una farera llamada Rita se hace amiga de una tormenta",
    "fr": "Une gardienne de phare nommée Rita devient l'amie d'une tempête",
    "it": "Una guardiana del faro di nome Rita diventa amica di una tempesta",
    "de": "Eine Leuchtturmwärterin namens Rita freundet sich mit einem Sturm an",
}


class Echo:
    """A writer that retells its outline word for word, and plans and fills by sentences that the house has."""

    def __init__(
        self, *, fails_at: int = -1, error: TaleError | None = None, says: str = "", like: Echo | None = None
    ) -> None:
        self.asked: list[tuple[Turn, Ask]] = []
        self._fails_at, self._error, self._says = fails_at, error, says
        self._pool: list[str] = like._pool if like else []
        self._lines: list[str] = like._lines if like else []

    def settle(self, system: str) -> None:
        assert system

    def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
        check()
        self.asked.append((turn, ask))
        if self._error and len(self.asked) > self._fails_at >= 0:
            raise self._error
        yield self._says or (self._plan(turn, ask) if ask.kind is Kind.OUTLINE else self._retold(turn))

    def _retold(self, turn: Turn) -> str:
        """The outline stands behind the last colon; a line of a plan is made a scene of by sentences of the house."""
        text = turn.user.rpartition("\n")[2].partition(": ")[2].strip()
        if text not in self._lines:
            return text
        at = 5 + 3 * self._lines.index(text)
        return " ".join([text, *self._pool[at : at + 3]])

    def _plan(self, turn: Turn, ask: Ask) -> str:
        language = next(code for code in tongues() if asking_in(code).system == turn.system)
        self._pool = [one for frame in frames_in(language).values() for one in frame.preludes if ":" not in one]
        hero = turn.user.partition("\n")[2].partition(": ")[2].partition(",")[0]
        hero, wish = hero.partition(".")[0], turn.user.partition("\n")[0].partition(": ")[2]
        firsts = [one[:1].lower() + one[1:] for one in self._pool[:5]]
        self._lines = [f"{hero}, {one}" for one in (f"{wish}, {firsts[0]}", *firsts[1:])]
        return "\n".join(f"{label}: {line}" for label, line in zip(ask.options, self._lines, strict=True))
