"""What a completion may look like, as GBNF."""

from __future__ import annotations

import json

from pipeline.roles import Ask, Kind

LETTER = "A-Za-zÀ-ÖØ-öø-ÿŒœ0-9"
LONGEST_WORD = 24
"""In letters; glued words are longer."""
MOST_WORDS = 40
"""Of a sentence; tighter bounds are the brake's, since a model that may not begin another word glues it to the last."""
CHARS_A_WORD = 6
FACTS = """root ::= "{\\"place\\": " s ", \\"wish\\": " s ", \\"things\\": [" (s (", " s){0,2})? "]}"
s ::= "\\"" [^"\\\\\\n]{0,60} "\\""
"""
"""What a reader of prompts may answer."""


def grammar_of(ask: Ask, told: str) -> str:
    """Rules that leave the model no markup, no foreign script, no new paragraph; empty for a free completion."""
    lead = "" if told.endswith('"') else '" " '
    if ask.kind is Kind.FREE:
        return ""
    if ask.kind is Kind.FACTS:
        return FACTS
    if ask.kind is Kind.CHOICE:
        options = " | ".join(json.dumps(option, ensure_ascii=False) for option in ask.options)
        return f"root ::= {lead}({options})\n"
    if ask.kind is Kind.SPEECH:
        return f'root ::= {lead}s{_more(ask.sentences)} "\\""\n' + _sentence(ask, 1)
    return f"root ::= {lead}s{' [ ] s' * (ask.sentences - 1)}\n" + _sentence(ask, 2)


def _more(sentences: int) -> str:
    return " ([ ] s)?" * (sentences - 1)


def _sentence(ask: Ask, least: int) -> str:
    least = min(max(least, ask.least_chars // CHARS_A_WORD), MOST_WORDS)
    return (
        f"s ::= (w [,;]? [ ]){{{least - 1},{MOST_WORDS - 1}}} w [.!?]\n"
        f"w ::= [¿¡]? p ([-] p)? (['’] p)?\n"
        f"p ::= [{LETTER}]{{1,{LONGEST_WORD}}}\n"
    )
