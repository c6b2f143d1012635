"""What a completion may look like, as GBNF."""

from __future__ import annotations

import json
import re

from pipeline.roles import FACT_KEYS, Ask, Kind

LETTER = "A-Za-zÀ-ÖØ-öø-ÿŒœ0-9"
LONGEST_WORD = 24
"""In letters; glued words are longer."""
MOST_WORDS = 40
"""Of a sentence; the grammar sets no tighter bound, since a model that may not begin a word glues it to the last."""
MOST_FACT_WORDS = 9
"""Of one value."""


def grammar_of(ask: Ask, told: str) -> str:
    """Return rules that allow no markup, no foreign script and no new paragraph; empty for a free completion."""
    lead = "" if not told or told.endswith('"') else '" " '
    if ask.kind is Kind.FREE:
        return ""
    if ask.kind is Kind.FACTS:
        return _facts(ask.source)
    if ask.kind is Kind.CHOICE:
        options = " | ".join(json.dumps(option, ensure_ascii=False) for option in ask.options)
        return f"root ::= {lead}({options})\n"
    if ask.kind is Kind.OUTLINE:
        lines = ' "\\n" '.join(f"{json.dumps(f'{label}: ', ensure_ascii=False)} s" for label in ask.options)
        return f"root ::= {lines}\n" + _sentence(3)
    return _scene(ask, lead)


def _scene(ask: Ask, lead: str) -> str:
    """Allow narrated sentences, and quotations followed by their speaker."""
    parts = f"root ::= {lead}part ([ ] part){{{ask.least_sentences - 1},{ask.sentences - 1}}}\n"
    if not ask.says:
        return parts + "part ::= s\n" + _sentence(2)
    ends = "[,!?]" if ask.comma_inside else "[!?]?"
    says = " | ".join(json.dumps(one, ensure_ascii=False) for one in ask.says)
    return (
        f'{parts}part ::= s | q\nq ::= "\\"" (s [ ])? (w [,;]? [ ]){{0,{MOST_WORDS - 1}}} w {ends} "\\"" says\n'
        f"says ::= {says}\n" + _sentence(2)
    )


def _facts(source: str) -> str:
    """Allow each key once and in order, each value a stretch of the source's own words."""
    words = [(match.start(), match.end()) for match in re.finditer(r"[^\s.!?;:,\"“”]+", source)]
    spans = dict.fromkeys(
        source[words[first][0] : words[last][1]]
        for first in range(len(words))
        for last in range(first, min(first + MOST_FACT_WORDS, len(words)))
        if not re.search(r"[.!?;:]", source[words[first][0] : words[last][1]])
    )
    rules = ['root ::= k0 "."']
    for at, key in enumerate(FACT_KEYS):
        item = f'k{at} ::= "{key}: " v'
        rules.append(f'{item} ("; " k{at + 1})? | k{at + 1}' if at + 1 < len(FACT_KEYS) else item)
    return "\n".join([*rules, "v ::= " + " | ".join(json.dumps(span, ensure_ascii=False) for span in spans)]) + "\n"


def _sentence(least: int) -> str:
    return (
        f"s ::= (w [,;]? [ ]){{{least - 1},{MOST_WORDS - 1}}} w [.!?]\n"
        f"w ::= [¿¡]? p ([-] p)? (['’] p)?\n"
        f"p ::= [{LETTER}]{{1,{LONGEST_WORD}}}\n"
    )
