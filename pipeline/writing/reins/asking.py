"""What a freer writer is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.roles import Ask, Kind, Turn
from pipeline.tables import language_file, read_table
from pipeline.words.mood import Emotion
from pipeline.words.prompt import Prompt, Rating
from pipeline.words.story import Plan
from pipeline.writing.forms import forms_of
from pipeline.writing.tongue import words_of

TIGHT, LOOSE, FREE = "tight", "loose", "free"
WORDS_A_SENTENCE = 14
"""Of a writer's own; frames have shorter ones."""
TOKENS_A_WORD = 2.4
"""In the language that takes most; a model that says no end is stopped there."""
SPARE_TOKENS = 40
MOST_BEFORE_WORDS = 60
"""Of what was told last, that a writer sees: the same from warm and cold, and cheap to read anew."""
MOST_SPEAKERS = 5
WARMTH, DARING = 0.7, 0.2
"""How freely it is written, and how far the wished daring moves that."""
PLAN_WORDS = 24
"""Of a line of a plan, at most about."""


@dataclass(frozen=True)
class WriterPhrases:
    """A file data/languages/<code>/reins.toml: how a writer is asked in its tale's own language."""

    system: str
    wish: str
    people: str
    persona: str
    children: str
    mood: str
    before: str
    plan: str
    retell: str
    tell: str
    make: str
    more: str
    labels: tuple[str, ...]
    """Of the lines of a plan."""
    verbs: tuple[str, ...]
    """What may stand behind a quotation, for one and for several."""
    verbs_many: tuple[str, ...]
    says: str
    """How they stand there, with {verb} and {who}."""
    comma_inside: bool
    """Whether a quotation ends in its own comma before them."""
    assistant: str
    """A pattern: what an assistant says and no storyteller."""
    moods: dict[str, str]


@cache
def asking_in(language: str) -> WriterPhrases:
    """The table of one language."""
    return read_table(language_file(language, "reins"), WriterPhrases)


@dataclass(frozen=True)
class ScenePart:
    """A stretch of a tale that a writer is to tell."""

    index: int
    """Counts through the whole tale."""
    outline: str
    """What happens in it: a frame's own words, or a line of the writer's plan."""
    words: int
    """How long it should be."""
    mood: Emotion
    speakers: tuple[str, ...]


class SceneAsker:
    """One tale's questions to its writer."""

    def __init__(self, prompt: Prompt, plan: Plan) -> None:
        self._prompt, self._plan = prompt, plan
        self._asking = asking_in(plan.language)
        self._warmth = WARMTH + DARING * prompt.storyteller.daring

    @property
    def system(self) -> str:
        """The same in every tale of a language, so that its reading is cached."""
        return self._asking.system

    def part(self, part: ScenePart, told: str, lines: Sequence[str], seed: int) -> tuple[Turn, Ask]:
        """One part after what was told; `lines` are the writer's own plan, where it made one."""
        asking = self._asking
        most = max(2, round(part.words / WORDS_A_SENTENCE))
        least = max(1, most - 1)
        before = asking.before.format(told=" ".join(told.split()[-MOST_BEFORE_WORDS:])) if told else ""
        whole = asking.plan.format(plan=" ".join(lines)) if lines else ""
        how = asking.tell.format(least=least, most=most, line=part.outline) if lines else ""
        now = how or asking.retell.format(least=least, most=most, outline=part.outline)
        mood = asking.mood.format(mood=asking.moods[part.mood.value])
        user = "\n".join(one for one in (*self._about(), whole, mood, before, now) if one)
        tokens = round(most * 1.5 * WORDS_A_SENTENCE * TOKENS_A_WORD) + SPARE_TOKENS
        says = tuple(self._said_by(part.speakers[:MOST_SPEAKERS]))
        ask = Ask(
            Kind.SCENE, seed, most, max_tokens=tokens, temperature=self._warmth, least_sentences=least, says=says,
            comma_inside=asking.comma_inside,
        )  # fmt: skip
        return Turn(self.system, user, ""), ask

    def outline(self, hero: str, ending: Emotion, before: Sequence[str], seed: int) -> tuple[Turn, Ask]:
        """Five lines for the whole tale; for what comes after `before`, five more."""
        asking = self._asking
        make = asking.make.format(hero=hero, mood=asking.moods[ending.value])
        more = asking.more.format(told=" ".join(before), hero=hero) if before else ""
        user = "\n".join([*self._about(), *([more] if more else []), make])
        tokens = round(len(asking.labels) * PLAN_WORDS * TOKENS_A_WORD)
        ask = Ask(Kind.OUTLINE, seed, options=asking.labels, max_tokens=tokens, temperature=self._warmth)
        return Turn(self.system, user, ""), ask

    def _about(self) -> list[str]:
        asking, facts, prompt = self._asking, self._plan.facts, self._prompt
        people = ", ".join(dict.fromkeys(one.name for one in (facts.hero, *facts.people) if one.name))
        return [
            asking.wish.format(wish=self._plan.asked),
            asking.people.format(people=people),
            *([asking.persona.format(persona=self._plan.persona)] if self._plan.persona else []),
            *([asking.children] if prompt.rating is Rating.ALL else []),
        ]

    def _said_by(self, speakers: Sequence[str]) -> list[str]:
        asking = self._asking
        return [
            asking.says.format(verb=verb, who=who)
            for who in speakers
            for verb in (asking.verbs_many if _several(who, self._plan.language) else asking.verbs)
        ]


def _several(who: str, language: str) -> bool:
    """`Mina and Jo`, `os gatos`."""
    forms = forms_of(language)
    many = {article for article in forms.known_articles[-1:] if article not in forms.known_articles[:2]}
    first = who.partition(" ")[0].lower()
    return forms.together[1] in who or (first in many and first not in words_of(forms.titles))
