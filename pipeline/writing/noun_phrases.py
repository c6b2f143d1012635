"""Noun phrases of a wish."""

from __future__ import annotations

import re

from pipeline.writing.deeds import GERUND, INFINITIVE, PAST, PRESENT, known_forms, verbs_of
from pipeline.writing.forms import Forms, is_determiner
from pipeline.writing.lexicon import Lexicon
from pipeline.writing.tongue import WORD, words_of

Span = tuple[int, int]
MOST_PHRASE_WORDS = 3
"""Behind an article, of a noun that stands in no row."""
FAINT = frozenset({"time", "feeling"})
"""Kinds that a tale is about only where the wish names nothing else: `every night`, `is afraid of`."""


def noun_spans(text: str, forms: Forms, lexicon: Lexicon) -> list[Span]:
    """Nouns of the lexicon, each with what stands before it back to its article; and others behind an article."""
    words = list(WORD.finditer(text))
    known = _known_spans(text, words, forms, lexicon)
    other = [one for one in _unknown_spans(text, words, forms, lexicon) if not any(meet(one, span) for span in known)]
    return [_to_its_end(text, span, words, forms, lexicon) for span in sorted([*known, *other])]


def _known_spans(text: str, words: list[re.Match[str]], forms: Forms, lexicon: Lexicon) -> list[Span]:
    found: list[Span] = []
    lower = [match[0].lower() for match in words]
    for at, match in enumerate(words):
        length = 0 if is_determiner(match[0], forms) else lexicon.known_words(lower, at)
        length = length or int(match[0][:1].isupper() and lexicon.compound(lower[at]) is not None)
        if not length or (found and match.end() <= found[-1][1]) or _is_no_matter(lower, at, forms):
            continue
        if at and _is_led(lower[at - 1], lower[at], lexicon):
            continue  # `I can't sleep`
        behind = bool(found) and length == 1 and words[at - 1].end() == found[-1][1]
        many = behind and (_has_company(text, found) or lexicon.being(text[slice(*found[-1])]).many)
        if behind and _is_verb(lower[at], lexicon, many=many):
            continue  # `a boy promises`, `two brothers fight`
        back = _article_before(words, at, forms, lexicon)
        if found and words[back].start() < found[-1][1]:
            beside = not text[found[-1][1] : match.start()].strip()
            back = back if beside else at  # `a silver clock`, but not `um faroleiro guarda luzes`
        joined = behind and forms.head_last and not forms.large_nouns  # `recipe book`
        if found and (words[back].start() < found[-1][1] or joined):
            found[-1] = (found[-1][0], words[at + length - 1].end())
        else:
            found.append((words[back].start(), words[at + length - 1].end()))
    return found


def _is_no_matter(lower: list[str], at: int, forms: Forms) -> bool:
    """Whether it is only what a wish says of itself: `a story for friends`, but not `two old friends argue`."""
    counted = words_of(forms.numerals) | words_of(forms.mine)
    return lower[at] in words_of(forms.no_matter) and not counted & set(lower[max(at - 2, 0) : at])


def _has_company(text: str, found: list[Span]) -> bool:
    """Whether the last two are joined: `a tortoise and a drone race`."""
    return len(found) > 1 and len(text[found[-2][1] : found[-1][0]].split()) == 1


def _to_its_end(text: str, span: Span, words: list[re.Match[str]], forms: Forms, lexicon: Lexicon) -> Span:
    """`the night cleaner`, where only `night` stands in the lexicon; `o planeta Saturno`, `uma estrela caída`."""
    after = next((match for match in words if match.start() >= span[1]), None)
    if after is None or text[span[1] : after.start()] != " ":
        return span
    word, article = after[0], text[span[0] :].split(maxsplit=1)[0].lower()
    if word[:1].isupper() and not forms.large_nouns:
        return span[0], after.end()
    if forms.large_nouns and (not word[:1].isupper() or lexicon.find(word)):
        return span  # `ein richtiger Junge werden`, `der Königin Liebesbriefe`
    ends = _may_end(text, after.end(), forms, lexicon)
    if not forms.head_last:
        row = known_forms(word.lower(), lexicon.language)
        said = re.search(forms.adjectives, word) and (row is None or word.lower() not in row[: PAST + 1])
        return (span[0], after.end()) if ends and said else span
    one = is_determiner(article, forms) and article not in words_of(forms.definite)
    last = not text[after.end() :].strip(" .!?")
    bare = one and last and (known_forms(word, lexicon.language) or ("",))[INFINITIVE] == word
    bare = bare or _is_title(text[slice(*span)], word, text[after.end() :].split()[:1], lexicon)
    led = is_determiner(article, forms) and ends and (bare or _may_be_noun(word, forms, lexicon))
    return (span[0], after.end()) if led else span


def _is_title(phrase: str, word: str, following: list[str], lexicon: Lexicon) -> bool:
    """Whether what looks like a verb is a noun, since it does not agree: `our dungeon master rolled`."""
    rows = known_forms(word.lower(), lexicon.language), known_forms((following or [""])[0].lower(), lexicon.language)
    first, then = rows
    if first is None or then is None or lexicon.being(phrase).many:
        return False
    agrees = word.lower() in first[PRESENT : PAST + 1]
    return not agrees and following[0].lower() in then[PRESENT : PAST + 1]


def _may_end(text: str, end: int, forms: Forms, lexicon: Lexicon) -> bool:
    """Whether a noun phrase may end there: what follows belongs to nobody, or begins what somebody does."""
    following = (text[end:].split() or [""])[0].lower()
    if not following or text[end:].lstrip()[:1] in set(",.;:!?"):
        return True
    verbs = verbs_of(lexicon.language)
    small = words_of(forms.links) | words_of(forms.breaks) | words_of(forms.relatives) | words_of(forms.places)
    small -= words_of(verbs.after) if verbs and forms.head_last else frozenset()
    row = known_forms(following, lexicon.language)
    return following in small or (row is not None and following in row[PRESENT : PAST + 1])


def _may_be_noun(word: str, forms: Forms, lexicon: Lexicon) -> bool:
    verbs = verbs_of(lexicon.language)
    small = words_of(forms.links) | words_of(forms.breaks) | words_of(forms.relatives) | words_of(forms.places)
    small |= words_of(forms.determiners) | words_of(forms.days) | words_of(forms.no_matter) | words_of(forms.unique)
    known = verbs is not None and (verbs.is_known(word) or word in words_of(verbs.adverbs) | words_of(verbs.plain))
    return len(word) > 1 and word not in small and not known and not re.search(forms.no_noun, word)


def _unknown_spans(text: str, words: list[re.Match[str]], forms: Forms, lexicon: Lexicon) -> list[Span]:
    """`a podcast`, `a singing shell`: an article, and the word behind it that can be a noun; where nouns stand last,
    with what is said of it before."""
    found = []
    for at, match in enumerate(words[:-1]):
        article = is_determiner(match[0], forms) or match[0].lower() in words_of(forms.numerals)  # `two neighbours`
        if not article and match[0].lower() not in words_of(forms.joined_articles):
            continue
        end = at + 1
        if forms.head_last and (whole := _head_at(text, words, end, forms, lexicon)):
            end = whole
        elif not _may_be_noun(words[end][0].lower(), forms, lexicon) and not _is_named(words[end:], forms):
            continue
        if _is_infinitive(match[0], words[end][0], lexicon):
            continue
        if forms.head_last and words[end][0].endswith(("'s", "’s")) and end + 1 < len(words):
            end += 1
        found.append((match.start() if article else words[at + 1].start(), words[end].end()))
    return found


def _is_named(words: list[re.Match[str]], forms: Forms) -> bool:
    """Whether a name follows, as in `la llama Pancha`: what stands before it is no verb."""
    return len(words) > 1 and words[0][0].islower() and words[1][0][:1].isupper() and not forms.large_nouns


def _head_at(text: str, words: list[re.Match[str]], first: int, forms: Forms, lexicon: Lexicon) -> int:
    """The noun that closes a phrase of up to three words; 0 where none does."""
    verbs = verbs_of(lexicon.language)
    said = words_of(forms.unique) | (words_of(verbs.adverbs) if verbs else frozenset())
    for at in range(first, min(first + MOST_PHRASE_WORDS, len(words))):
        word = words[at][0].lower()
        row = known_forms(word, lexicon.language)
        noun = _may_be_noun(word, forms, lexicon) or _is_bare(word, row, lexicon)  # `a glitch in the game`
        if at > first and words[at].start() != words[at - 1].end() + 1:
            return 0
        if noun and _may_end(text, words[at].end(), forms, lexicon) and not _is_small(text, words[at], forms):
            return at
        if not (noun or word in said or (row is not None and word in row[GERUND:])):
            return 0
    return 0


def _is_bare(word: str, row: tuple[str, ...] | None, lexicon: Lexicon) -> bool:
    """Whether a verb's bare form, which behind an article is a noun."""
    verbs = verbs_of(lexicon.language)
    small = words_of(verbs.adverbs) | words_of(verbs.plain) if verbs else frozenset()
    return row is not None and word == row[INFINITIVE] and word not in row[PRESENT:] and word not in small


def _is_small(text: str, word: re.Match[str], forms: Forms) -> bool:
    """Whether a word cannot be a noun, since this wish writes its nouns large and this one small."""
    return forms.large_nouns and word[0][:1].islower() and any(one[:1].isupper() for one in text.split()[1:])


def _is_infinitive(before: str, word: str, lexicon: Lexicon) -> bool:
    """Whether it is a verb after what looks like an article: `aprende a tocar`."""
    verbs = verbs_of(lexicon.language)
    return verbs is not None and before in words_of(verbs.after) and bool(re.search(verbs.infinitives, word))


def meet(one: Span, other: Span) -> bool:
    """Whether they share a letter."""
    return one[0] < other[1] and other[0] < one[1]


def _is_led(before: str, word: str, lexicon: Lexicon) -> bool:
    """Whether a word that may be a noun is a verb here, by the one before it."""
    verbs = verbs_of(lexicon.language)
    return verbs is not None and before in words_of(verbs.plain) and verbs.is_known(word)


def _is_verb(word: str, lexicon: Lexicon, *, many: bool) -> bool:
    """Whether it is what somebody does, by its ending: `promises`, but `promise` only of several."""
    row = known_forms(word, lexicon.language)
    return row is not None and (many or word != row[INFINITIVE])


def _article_before(words: list[re.Match[str]], at: int, forms: Forms, lexicon: Lexicon) -> int:
    """Where the noun phrase begins that ends at this word; the word itself where it has no article."""
    owner = at  # `grandma's recipe book`
    for back in range(at - 1, max(-1, at - 4), -1):
        if back + 1 < at and _is_infinitive(words[back][0], words[back + 1][0], lexicon):
            break  # `a tocar piano`
        if back + 1 < at and _is_done(words[back + 1][0].lower(), lexicon):
            break  # `o estagiário derruba café`
        if back + 1 < at and forms.large_nouns and _begins_clause(words[back][0], words[back + 1][0], lexicon, forms):
            break  # `der lieber Gärtner wäre`
        if is_determiner(words[back][0], forms) or words[back][0].lower() in words_of(forms.numerals):
            return back
        if words[back][0].lower() in words_of(forms.links) or (forms.large_nouns and words[back][0][:1].isupper()):
            break
        if words[back][0].endswith(("'s", "’s")) and forms.head_last:
            owner = min(owner, back)
    return owner


def _is_done(word: str, lexicon: Lexicon) -> bool:
    """Whether a word can only be what somebody does: `applies`, `derruba`."""
    row = known_forms(word, lexicon.language)
    return row is not None and word == row[PRESENT] != row[INFINITIVE] and lexicon.find(word) is None


def _begins_clause(article: str, word: str, lexicon: Lexicon, forms: Forms) -> bool:
    """Whether what looks like an article says `who` instead, since an adverb follows."""
    verbs = verbs_of(lexicon.language)
    return verbs is not None and article.lower() in words_of(forms.relatives) and word in words_of(verbs.adverbs)


def kind_at(text: str, span: Span, lexicon: Lexicon) -> str:
    noun = lexicon.find(text[slice(*span)])
    return noun.kind if noun else ""
