"""Completes the reading of a wish."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.writing.deeds import verbs_of
from pipeline.writing.forms import Forms, forms_of, is_determiner
from pipeline.writing.lexicon import ALIVE, Lexicon, lexicon_of
from pipeline.writing.noun_phrases import FAINT, Span, kind_at, meet, noun_spans
from pipeline.writing.readings import WishReading
from pipeline.writing.subjects import put_right, with_complement, with_verb_before
from pipeline.writing.tongue import words_of

MOST_DEED_WORDS, MOST_CLAUSE_WORDS, MOST_OF_WORDS, MOST_REST_WORDS = 9, 8, 4, 13
LIVING = ALIVE - {"machine"}  # kinds that can be given something, and be a friend
NOWHERE = FAINT | LIVING | {"word", "music", "weather"}
"""Kinds that no tale happens at."""


def completed(reading: WishReading, text: str, language: str) -> WishReading:
    """Put names and beings in their places, and add what the lexicon finds beside them."""
    # In this order: each step looks at what the ones before have put right.
    forms, lexicon = forms_of(language), lexicon_of(language)
    reading = put_right(reading, text, language)
    spans = noun_spans(text, forms, lexicon)
    reading = _of_a_thing_for(reading, text, spans, lexicon)
    reading = _with_company(reading, text, spans, forms)
    reading = replace(reading, who=_whole_who(_with_second(reading, text, spans, forms), reading.deed, text, forms))
    reading = with_verb_before(with_complement(reading, text, language), text, language)
    people = (reading.hero, reading.who, reading.other if reading.hero else "")
    whole = _without_noun(replace(reading, deed=reading.deed or _rest(text, people, forms)), text, language)
    deed = _to_its_end(whole.deed, text, forms)
    reading = replace(whole, deed=whole.deed if reading.deed else "")
    state = _state_of(deed, text, language)
    reading = replace(reading, deed="" if state else deed, state=state or _state(reading, text, forms))
    reading = _of_somewhere(reading, forms)
    free = _free(reading, text, spans, language)
    where = _place(text, free, forms, lexicon)
    there = [span for span in free if where and meet(span, where)]
    beside = [span for span in free if span not in there]
    inside = [span for span in beside if text[slice(*span)] in deed] or beside
    other, thing = _other_and_thing(text, inside, forms, lexicon)
    what = _with_clause(text, thing, forms) if thing else ""
    found = replace(
        reading,
        other=reading.other or (_with_clause(text, other, forms) if other else ""),
        thing=reading.thing
        or _ails(reading.state, forms, lexicon)
        or _without_fear(what, forms, lexicon)
        or ("" if other else _last_word(deed, language)),
        place=text[slice(*where)] if where else "",
        how=_outside(text, (reading.hero, reading.who, reading.deed, reading.state)),
    )
    return _looked_for(found, language)


def _last_word(deed: str, language: str) -> str:
    """`armor` of `is allergic to armor`: what closes a deed behind a preposition, though it stands in no row."""
    forms, verbs = forms_of(language), verbs_of(language)
    words = deed.split()
    if len(words) < 3 or verbs is None or re.search(verbs.lead, deed) or lexicon_of(language).find(words[-1]):
        return ""
    leads = words_of(forms.receivers) | (words_of(forms.of) if verbs.is_known(words[-3].lower()) else frozenset())
    small = words_of(f"{forms.links} {forms.speaker} {forms.whenever} {forms.breaks}")
    small |= {form for row in forms.forms.values() for form in row}
    last = words[-1].lower()
    plain = last not in small and not verbs.is_known(last) and words[-1][:1].islower() != forms.large_nouns
    return words[-1] if words[-2].lower() in leads and plain else ""


def _ails(state: str, forms: Forms, lexicon: Lexicon) -> str:
    """Return all of what somebody is with, `dor de dente`; but of `medo de vela` the candle."""
    lead, _, rest = state.partition(" ")
    if not rest or lead.lower() not in words_of(forms.beside):
        return ""
    whom = re.split(rf"^\S+\s+{_any_of(forms.receivers)}\s+", rest)
    return whom[1] if len(whom) == 2 else _without_fear(rest, forms, lexicon)  # `alergia a pelo` is about the fur


def _without_fear(what: str, forms: Forms, lexicon: Lexicon) -> str:
    """Return the candle of `medo de vela`."""
    noun, tail = lexicon.find(what.partition(" ")[0]), re.split(rf"^\S+\s+{_any_of(forms.led_by)}\s+", what)
    return tail[1] if noun and noun.kind in FAINT and len(tail) == 2 else what


def _free(reading: WishReading, text: str, spans: Sequence[Span], language: str) -> list[Span]:
    """Return nouns that are neither the hero, nor a verb, nor only say when."""
    forms, lexicon = forms_of(language), lexicon_of(language)
    people = [(at, at + len(part)) for part in (reading.hero, reading.who) if part and (at := text.find(part)) >= 0]
    first = min((at for at, _ in people), default=0)
    free = [span for span in spans if span[0] >= first and not any(meet(span, one) for one in people)]
    stop = re.search(r"[.!?]\s", text[max((end for _, end in people), default=0) :])
    last = max((end for _, end in people), default=0) + stop.start() if stop else len(text)
    free = [span for span in free if span[0] < last]
    free = [span for span in free if not _is_done(text, span, reading.deed, language)]
    free = [span for span in free if not {*text[slice(*span)].lower().split()} & words_of(forms.whenever)]
    return [span for span in free if kind_at(text, span, lexicon) not in FAINT] or free


def _of_a_thing_for(reading: WishReading, text: str, spans: Sequence[Span], lexicon: Lexicon) -> WishReading:
    """Read `a present for the king who has everything`: the king gets it, and who gives it is not said."""
    forms = forms_of(lexicon.language)
    if reading.hero or len(spans) < 2 or spans[0][0] > 0 or kind_at(text, spans[0], lexicon) in ALIVE:
        return reading
    given = text[spans[0][1] : spans[1][0]].split()
    if len(given) != 1 or given[0].lower() not in words_of(forms.receivers) or reading.who != text[slice(*spans[1])]:
        return reading
    return replace(reading, who="", deed="", thing=text[slice(*spans[0])], other=text[slice(*spans[1])])


def _state(reading: WishReading, text: str, forms: Forms) -> str:
    """Return what stands between hero and deed, as `with a toothache`."""
    who = reading.who or reading.hero
    if not who or not reading.deed or who not in text or reading.deed not in text:
        return ""
    between = text[text.find(who) + len(who) : text.find(reading.deed)].strip(" ,;:")
    return between if between.partition(" ")[0].lower() in words_of(forms.links) and len(between.split()) > 1 else ""


def _to_its_end(deed: str, text: str, forms: Forms) -> str:
    """Return the deed with where, for whom and with whom, which the reader leaves out."""
    if not deed or deed not in text:
        return deed
    words = re.split(r"[.,;:!?]", text[text.find(deed) + len(deed) :])[0].split()
    if not words or words[0].lower() not in words_of(forms.links) - words_of(forms.breaks):
        return deed
    end = next((at for at, word in enumerate(words) if word.lower() in words_of(forms.breaks)), len(words))
    whole = f"{deed} {' '.join(words[:end])}"
    return whole if len(whole.split()) <= MOST_DEED_WORDS else deed


def _other_and_thing(
    text: str, spans: Sequence[Span], forms: Forms, lexicon: Lexicon
) -> tuple[Span | None, Span | None]:
    """Return somebody who lives beside the hero, or to whom something goes; and the first thing."""
    living = [span for span in spans if kind_at(text, span, lexicon) in LIVING]
    things = [span for span in spans if span not in living]
    given = [span for span in things[1:] if _before(text, span) in words_of(forms.receivers)]
    given = given or [span for span in things if _before(text, span) in words_of(forms.beside)]
    if not living and given:
        living, things = given[:1], [span for span in things if span != given[0]]
    if living:
        things = [span for span in things if not (span[0] > living[0][0] and _is_said_of(text, living[0], span, forms))]
    return next(iter(living), None), next(iter(things), None)


def _is_said_of(text: str, living: Span, span: Span, forms: Forms) -> bool:
    """Whether a noun only says who somebody is: the bus of `motorista de ônibus`."""
    return text[living[1] : span[0]].strip().lower() in words_of(forms.clauses)


def _before(text: str, span: Span) -> str:
    return (text[: span[0]].split() or [""])[-1].lower()


def _with_company(reading: WishReading, text: str, spans: Sequence[Span], forms: Forms) -> WishReading:
    """Read `Leo and his goldfish move away`: the goldfish is the other one, and no part of the deed."""
    joint = forms.together[1]
    end = text.find(reading.hero) + len(reading.hero) if reading.hero and reading.hero in text else -1
    beside = next((span for span in spans if end > 0 and span[0] == end + len(joint)), None)
    if beside is None or text[end : beside[0]] != joint or " " not in text[slice(*beside)]:
        return reading
    company = text[slice(*beside)]
    deed = reading.deed.partition(company)[2].strip() if company in reading.deed else reading.deed
    return replace(reading, other=company, deed=deed)


def _with_second(reading: WishReading, text: str, spans: Sequence[Span], forms: Forms) -> str:
    """Return `the moon` with its firefly, where both do the deed: `the moon and the firefly become friends`."""
    who = reading.who
    if not who or reading.hero or who not in text:
        return who
    end = text.find(who) + len(who)
    before = text.find(reading.deed) if reading.deed and reading.deed in text else len(text)
    last = end
    while joined := next((one for one in spans if text[last : one[0]] in forms.together and last < one[0]), None):
        if joined[1] > before:
            break
        last = joined[1]
    return text[text.find(who) : last] if forms.together[1] in text[end:last] else who


def _whole_who(who: str, deed: str, text: str, forms: Forms) -> str:
    """Return `the clock of the tower`, where the reader stopped at the clock."""
    after = text[text.find(who) + len(who) : text.find(deed)] if who and who in text and deed in text else ""
    of = re.match(rf"\s{_any_of(forms.of)}\s+", after)
    return who + after.rstrip() if deed and of and len(after.split()) <= MOST_OF_WORDS else who


def _without_noun(reading: WishReading, text: str, language: str) -> WishReading:
    """Join `a dragon babysitter`, who does nothing yet, where the reader took the noun for a deed."""
    verbs, small = verbs_of(language), forms_of(language)
    words = reading.deed.lower().split()
    whole = f"{reading.who} {reading.deed}"
    if verbs is None or not words or not reading.who or whole not in text or len(words) > MOST_OF_WORDS:
        return reading
    leads = words_of(small.links) | words_of(small.places) | words_of(verbs.plain) | words_of(verbs.adverbs)
    if words[0] in leads or verbs.may_lead(words[0]):
        return reading
    return replace(reading, who=whole, deed="")


def _looked_for(reading: WishReading, language: str) -> WishReading:
    """Read `the king's crown is missing` as about somebody who looks for it."""
    verbs = verbs_of(language)
    gone = verbs.gone if verbs else ""
    often = {*reading.deed.lower().split()} & words_of(forms_of(language).whenever)
    if not gone or reading.hero or reading.thing or often or not re.search(gone, reading.deed, re.IGNORECASE):
        return reading
    return replace(reading, who="", deed="", thing=reading.who)


def _of_somewhere(reading: WishReading, forms: Forms) -> WishReading:
    """Join `the clockmaker of Prague`, where nothing is done."""
    of = re.match(rf"{_any_of(forms.of)}\s+", reading.state)
    if reading.deed or not reading.who or not of or len(reading.state.split()) > MOST_OF_WORDS:
        return reading
    return replace(reading, who=f"{reading.who} {reading.state}", state="")


def _is_done(text: str, span: Span, deed: str, language: str) -> bool:
    """Whether a noun without an article is the verb: `promises to`, `learned to whistle`."""
    verbs = verbs_of(language)
    if " " in text[slice(*span)].strip() or verbs is None:
        return False
    before = _before(text, span)
    small = words_of(verbs.after) | words_of(verbs.plain) | words_of(verbs.adverbs)
    leads = before in small and verbs.is_known(text[slice(*span)].lower())
    return leads or (bool(deed) and span[0] == text.find(deed))


def _with_clause(text: str, span: Span, forms: Forms) -> str:
    """Return a noun with what the wish says of it: `a clock that runs backwards`."""
    phrase = text[slice(*span)]
    words = re.split(r"[.,;:!?]", text[span[1] :])[0].split()
    if not words or words[0].lower() not in words_of(forms.clauses):
        return phrase
    ends = words_of(forms.breaks) | words_of(forms.receivers)
    end = next((at for at, word in enumerate(words) if at and word.lower() in ends), len(words))
    return f"{phrase} {' '.join(words[:end])}" if 1 < end <= MOST_CLAUSE_WORDS else phrase


def _rest(text: str, people: tuple[str, ...], forms: Forms) -> str:
    """Return what follows the hero, up to the sentence's end, without `who`."""
    end = max((text.find(part) + len(part) for part in people if part and part in text), default=len(text))
    words = re.split(r"(?<=[.!?])\s", text[end:].strip(" ,;:") + " ")[0].split()
    while words and words[0].lower().strip(",") in words_of(forms.relatives):
        words = words[1:]
    told, small = words[:MOST_REST_WORDS], words_of(forms.links) | words_of(forms.breaks) | words_of(forms.determiners)
    while len(told) < len(words) and told and told[-1].lower() in small:
        told = told[:-1]  # never cut between an article and its noun
    return " ".join(told).strip(" ,;:.!?")


def _state_of(deed: str, text: str, language: str) -> str:
    """What is no deed: `in the city` is where, `a postman` who, `toothache` behind `with` what ails them."""
    forms, verbs = forms_of(language), verbs_of(language)
    first = deed.partition(" ")[0].lower().strip(",")
    small = words_of(forms.links) | words_of(forms.places)
    second = (deed.lower().split()[1:2] or [""])[0]
    if verbs and first in words_of(verbs.participles) and (not second or second in small):
        return deed  # `a whale lost in a river`
    if first in small or is_determiner(first, forms):
        return deed
    lead = _before(text, (text.find(deed), 0)) if deed in text else ""
    with_ = words_of(forms.whose) | words_of(forms.receivers) - (words_of(verbs.after) if verbs else set())
    return f"{lead} {deed}" if deed and lead in with_ else ""


def _place(text: str, spans: Sequence[Span], forms: Forms, lexicon: Lexicon) -> Span | None:
    """Return a preposition of place with its noun, and with whose it is: `in the lift of my house`."""
    led = rf"{_any_of(forms.led_by)}\s+"
    leads = (r"(\S+)\s+$", rf"(\S+)\s+{led}$", rf"(\S+)\s+\w+\s+{led}$")  # `in`, `inside of`, `at the bottom of`
    for start, end in spans:
        if kind_at(text, (start, end), lexicon) in NOWHERE:
            continue
        for pattern in leads:
            lead = re.search(pattern, text[:start])
            if lead and lead[1].lower() in words_of(forms.places):
                whose = (span for span in spans if re.fullmatch(rf"\s{_any_of(forms.of)}\s+", text[end : span[0]]))
                return lead.start(1), next(whose, (start, end))[1]
    return None


def _any_of(listed: str) -> str:
    """Return a pattern of a table's words."""
    return f"(?:{'|'.join(sorted(words_of(listed)))})"


def _outside(text: str, parts: tuple[str, ...]) -> str:
    """Return what stands before and after all that the tale is about: how it should be told."""
    found = [(at, at + len(part)) for part in parts if part and (at := text.find(part)) >= 0]
    if not found:
        return ""
    around = text[: min(at for at, _ in found)], text[max(end for _, end in found) :]
    return " ".join(part for one in around if (part := one.strip(" ,;:.!?")))
