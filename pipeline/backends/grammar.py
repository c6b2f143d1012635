"""What a completion may look like, as GBNF."""

from __future__ import annotations

import json

from pipeline.roles import Ask, Kind

LETTER = "A-Za-zÀ-ÖØ-öø-ÿŒœ0-9"
LONGEST_WORD = 24
"""In letters; glued words are longer."""
MOST_WORDS = 26
"""Of a sentence nobody bounded."""
CHARS_A_WORD = 6


def grammar_of(ask: Ask, told: str) -> str:
    """Rules that leave the model no markup, no foreign script, no new paragraph; empty for a free completion."""
    lead = "" if told.endswith('"') else '" " '
    if ask.kind is Kind.FREE:
        return ""
    if ask.kind is Kind.CHOICE:
        options = " | ".join(json.dumps(option, ensure_ascii=False) for option in ask.options)
        return f"root ::= {lead}({options})\n"
    if ask.kind is Kind.SPEECH:
        return f'root ::= {lead}s{_more(ask.sentences)} "\\""\n' + _sentence(ask, 1)
    return f'root ::= {lead}s{" [ ] s" * (ask.sentences - 1)}\n' + _sentence(ask, 2)


def _more(sentences: int) -> str:
    return " ([ ] s)?" * (sentences - 1)


def _sentence(ask: Ask, least: int) -> str:
    most = ask.most_words or MOST_WORDS
    least = min(max(least, ask.least_chars // CHARS_A_WORD), most)
    return (
        f"s ::= (w [,;]? [ ]){{{least - 1},{most - 1}}} w [.!?]\n"
        f"w ::= [¿¡]? [{LETTER}] [{LETTER}'’-]{{0,{LONGEST_WORD - 1}}}\n"
    )
