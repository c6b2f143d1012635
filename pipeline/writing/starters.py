"""Sentences begun for the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.words.mood import Emotion
from pipeline.words.story import NARRATOR
from pipeline.writing.seeds import choice, shuffled
from pipeline.writing.tongue import Tongue, count_words

FIELD = re.compile(r"\{(\w+)\}")
SPEAKERS = {"N": "N", "H": "h", "h": "h", "O": "O", "a_h": "h"}
"""Placeholder to the fact that names the speaker."""
BLANK = "_"
MAYBE = "_?"
"""A blank that may stay empty: the sentence is whole without it."""


@dataclass(frozen=True)
class Starter:
    """One sentence begun, or one line of speech opened."""

    slot: str
    """What it is for: `wish`, `hsay`..."""
    text: str
    """Filled, with `_` where the model goes on."""
    speaker: str = NARRATOR
    """Whose words the blank holds."""
    manner: str = ""
    """How they are said."""
    must: bool = True
    """Whether the beat fails without it."""

    @property
    def lead(self) -> str:
        """What stands before the blank."""
        return self.text.split(BLANK)[0].rstrip()

    @property
    def tail(self) -> str:
        """What stands after it."""
        return self.text.split(BLANK, 1)[1].removeprefix("?") if BLANK in self.text else ""

    @property
    def spoken(self) -> bool:
        """Whether the blank lies inside quotation marks."""
        return self.lead.count('"') % 2 == 1

    @property
    def optional(self) -> bool:
        """Whether the blank may stay empty."""
        return MAYBE in self.text

    @property
    def words(self) -> int:
        return count_words(self.text)

    def packed(self) -> str:
        """As one string, for a plan."""
        return "\t".join((self.slot, "!" if self.must else "", self.speaker, self.manner, self.text))

    @staticmethod
    def unpacked(packed: str) -> Starter:
        slot, must, speaker, manner, text = packed.split("\t", 4)
        return Starter(slot, text, speaker, manner, bool(must))


@dataclass(frozen=True)
class Choosing:
    """How one tale chooses: its language, its facts in words, its seed."""

    tongue: Tongue
    words: dict[str, str]
    """Placeholder to what fills it; what is empty is not there."""
    seed: int
    things: tuple[dict[str, str], ...] = ()
    """The prompt's things, each as the placeholders it fills."""

    def about(self, thing: int) -> Choosing:
        """The same where {t} is this thing of the prompt."""
        return replace(self, words=self.words | self.things[thing % len(self.things)]) if self.things else self

    def starter(
        self, slot: str, templates: Sequence[str], mood: Emotion, key: str, uses: Callable[[str], int]
    ) -> tuple[Starter, str] | None:
        """The first in the seed's order of the least used that can be filled, with its template."""
        fit = [one for one in templates if all(self._has(field) for field in FIELD.findall(one))]
        least = min(map(uses, fit), default=0)
        fresh = [one for one in fit if uses(one) == least]
        order = shuffled(_richest(fresh) if slot == "opening" else fresh, self.seed, f"{slot}:{key}")
        return (self._filled(slot, order[0], mood, key), order[0]) if order else None

    def _has(self, field: str) -> bool:
        return field in {"says", "said"} or bool(self.words.get(field))

    def _filled(self, slot: str, template: str, mood: Emotion, key: str) -> Starter:
        verbs = {
            "says": choice(self.tongue.says[mood], self.seed, f"says:{slot}:{key}"),
            "said": choice(self.tongue.said[mood], self.seed, f"said:{slot}:{key}"),
        }
        manner = next((verbs[field] for field in FIELD.findall(template) if field in verbs), "")
        text = contracted(template.format(**(self.words | verbs)), self.tongue)
        return Starter(slot, text[:1].upper() + text[1:], self._speaker(template), manner)

    def _speaker(self, template: str) -> str:
        lead, _, tail = template.partition(BLANK)
        if lead.count('"') % 2 == 0:
            return NARRATOR
        outside = re.sub(r'"[^"]*"?', " ", lead) + re.sub(r'^[^"]*"', "", tail)
        named = next((SPEAKERS[field] for field in FIELD.findall(outside) if field in SPEAKERS), "N")
        return self.words[named]


def _richest(templates: Sequence[str]) -> list[str]:
    """Those that say most of what is known."""
    most = max((len(FIELD.findall(one)) for one in templates), default=0)
    return [one for one in templates if len(FIELD.findall(one)) == most]


def contracted(text: str, tongue: Tongue) -> str:
    """With the language's contractions: `de o` as `do`, `que Ana` as `qu'Ana`."""
    for pattern, put in tongue.elide:
        text = re.sub(pattern, put, text)
    return text


def skeleton(template: str) -> re.Pattern[str]:
    """What every sentence begun with this template looks like."""
    parts = re.split(r"\{\w+\}|\s*_\??", template)
    return re.compile(".*?".join(map(re.escape, parts)), re.IGNORECASE)
