"""A document as facts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pipeline.words.source import Document, Fact, SourceKind, StorySource

MOST_FACTS = 600
"""Sentences that are kept of a long document; a tale of it has room for fewer."""
LEAST_WORDS, MOST_WORDS = 2, 60
NUMBER = re.compile(r"(?<![\w.,])[-+−]?\d+(?:[.,:'’\u00a0\u202f]\d+)*")
"""A number as it is written: `1,234.5`, `20:15`, `3`."""
_REFERENCE = re.compile(r"\s*\[(?:\d{1,3}|[a-z]|citation needed)\]|\s*\((?:see|cf\.)[^)]*\)")
_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+(?=[\"'“‘«„(\[¿¡]*[^\Wa-zà-öø-ÿ])|(?<=[。！？])")
_SHORT = re.compile(
    r"(?:^|[\s(])(?:[^\W\d_]|[^\W\d_]\.[^\W\d_]|Mr|Mrs|Ms|Dr|Prof|St|Sr|Sra|Mme|Mlle|No|Nr|vs|etc|bzw|ca|approx|Fig|al)\.$",
    re.IGNORECASE,
)
"""A full stop after an initial or an abbreviation ends no sentence."""
_QUOTE = re.compile(r"[“\"„«]([^“”\"„«»]{3,300})[”\"“»]")
_CAPITAL = r"[^\Wa-zà-öø-ÿ\d_][^\W\d_]+"
_NAME = re.compile(rf"(?<=[^.!?…:“\"„«\s] ){_CAPITAL}(?: (?:(?:de|da|von|van|di|del|la|le) )?{_CAPITAL})+")


def source_of(document: Document, origin: str) -> StorySource:
    """Facts in their order, with people, quotes and numbers; a long document by what says most."""
    facts = (*document.found, *_chosen(list(_sentences(document))))
    text = "\n".join([document.title, *(" ".join([one.text, *one.slots.values()]) for one in facts)])
    people = [name for name, _ in Counter(" ".join(one.split()) for one in _NAME.findall(text)).most_common(40)]
    parts = ("" if document.kind is SourceKind.FEED else one.title for one in document.sections)
    quotes = tuple(dict.fromkeys(_QUOTE.findall(text)))[:60]
    return StorySource(
        document.kind,
        facts,
        origin,
        document.title,
        tuple("" if part == document.title else part for part in parts),
        tuple(people),
        quotes,
        tuple(dict.fromkeys(numbers_in(text))),
    )


def numbers_in(text: str) -> list[str]:
    """Every number, as it is written."""
    return [one.rstrip(".,:'’") for one in NUMBER.findall(text)]


def sentences_of(text: str) -> list[str]:
    """Whole sentences; a heading or an item of a list without a full stop is one of its own."""
    found: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        pieces: list[str] = []
        for piece in _END.split(" ".join(block.split())):
            if pieces and _SHORT.search(pieces[-1]):
                pieces[-1] = f"{pieces[-1]} {piece}"
            else:
                pieces.append(piece)
        found += [piece.strip() for piece in pieces if piece.strip()]
    return found


def _sentences(document: Document) -> Iterator[Fact]:
    feed = document.kind is SourceKind.FEED
    for part, section in enumerate(document.sections):
        place = section.link if feed else section.place
        texts = [*([section.title] if feed else []), *sentences_of(section.text)]
        # The summary of many feeds begins with the title again.
        for text in dict.fromkeys(_tidy(one) for one in texts):
            if _tellable(text) and (feed or text.rstrip(".") != section.title):
                yield Fact(text, place, part)


def _tidy(text: str) -> str:
    text = " ".join(_REFERENCE.sub("", text).split())
    return text if not text or text[-1] in '.!?…。！？"”»’)' else text.rstrip(",;:") + "."


def _tellable(text: str) -> bool:
    words = sum(any(char.isalnum() for char in word) for word in text.split())
    letters = sum(char.isalpha() for char in text)
    return LEAST_WORDS <= words <= MOST_WORDS and letters >= 0.5 * len(text)


def _chosen(facts: list[Fact]) -> list[Fact]:
    """All of them, or those with numbers, names and the text's own frequent words, in their order."""
    if len(facts) <= MOST_FACTS:
        return facts
    best = sorted(range(len(facts)), key=weights_of([one.text for one in facts]).__getitem__, reverse=True)
    return [facts[at] for at in sorted(best[:MOST_FACTS])]


def weights_of(texts: list[str]) -> list[float]:
    """How much each sentence says: the text's frequent words, numbers, names, and standing early."""
    words = [set(re.findall(r"[^\W\d_]{4,}", text.lower())) for text in texts]
    often = Counter(word for one in words for word in one)
    found: list[float] = []
    for at, (text, own) in enumerate(zip(texts, words, strict=True)):
        central = sum(often[word] for word in own) / (len(texts) * (len(own) + 3) ** 0.7)
        telling = 0.15 * min(3, len(NUMBER.findall(text))) + 0.1 * min(3, len(_NAME.findall(text)))
        found.append(central + telling + 0.25 / (1 + at))
    return found
