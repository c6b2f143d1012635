"""The writer, measured; and read blind."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.backends.text_e5 import open_backend as open_embedder
from pipeline.backends.write_gguf import GgufWriter
from pipeline.words.prompt import DEFAULT_WORDS, Lately
from pipeline.writing.forms import forms_of
from pipeline.writing.language import detect
from pipeline.writing.read_wish import looked_at
from pipeline.writing.reins.asking import FREE, LOOSE, TIGHT
from pipeline.writing.reins.drafts import TOGETHER
from pipeline.writing.tongue import count_words, words_in, words_of
from tests.bench import _library as library
from tests.bench import _paid_off as paid
from tests.bench import _stories as stories
from tests.bench._sheet import summed, write_sheet
from tests.bench._slips import unknown_words
from tests.bench._stories import Teller, Told, Wanted

LENGTH_TOLERANCE = 0.15
ON_ONE_SERVER = 20
Figures = dict[str, float | int]


def main(argv: Sequence[str]) -> int:
    """Print a table, or one flat object with --json."""
    asked = _asked(argv)
    if asked.marks:
        _show(summed(asked.marks, asked.key), asked.json)
        return 0
    teller = _teller(asked.model, asked.reins, asked.threads)
    writer = teller.writer
    seed = asked.seed or int(time.time())
    wanted = (stories.wishes_in(asked.wishes) if asked.wishes else stories.fixed())[: asked.tales or None]
    if asked.lengths:
        _show(library.lengths(teller, seed) | {"seed": seed}, asked.json)
        return 0
    if asked.first_words:
        _show(_first_words(teller, wanted, seed, asked.words) | {"seed": seed, "n": len(wanted)}, asked.json)
        return 0
    told = _tell(teller, wanted, seed, asked.words, in_a_row=asked.in_a_row)
    if asked.out:
        stories.write_tales(asked.out, told)
    before = stories.read_tales(asked.against) if asked.against else []
    versus = _versus(asked, wanted, seed) if asked.versus else []
    if asked.sheet:
        others = {"before": before, asked.versus: versus}
        write_sheet(asked.sheet, {"now": told, **{name: tales for name, tales in others.items() if tales}}, seed)
    length = _share([_length_met(one, asked.words) for one in told])
    figures = (
        _figures(told)
        | {"length_met": length, "seed": seed, "threads": asked.threads, "n": len(told)}
        | _reading(wanted, told)
        | ({} if asked.wishes or asked.sheet or asked.tales else library.figures(teller, seed))
    )
    figures |= {f"before_{name}": value for name, value in _figures(before).items()} if before else {}
    if asked.rivals and writer:
        figures |= _rivals(wanted[: asked.rivals], writer, seed, asked.words)
    figures |= unknown_words((one.language, one.text) for one in told)
    _show(figures, asked.json)
    return 0


def _asked(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="echotales.py bench writing")
    parser.add_argument("--wishes", type=Path, help="a file of wishes, one a line, instead of the fixed ones")
    parser.add_argument("--tales", type=int, default=0, help="how many of them; 0 for all")
    parser.add_argument("--words", type=int, default=DEFAULT_WORDS)
    parser.add_argument("--seed", type=int, default=0, help="0 draws one")
    parser.add_argument("--model", default="qwen2.5-coder-1.5b", help="the writer; none for the plain reader")
    parser.add_argument("--reins", choices=(TIGHT, LOOSE, FREE), default=TIGHT, help="how freely it writes")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rivals", type=int, default=0, help="how many also in one go and as plan then beats")
    parser.add_argument("--lengths", action="store_true", help="only whether 200 tales have the length asked for")
    parser.add_argument("--first-words", action="store_true", help="only how soon one is there, all reins in turns")
    parser.add_argument("--in-a-row", action="store_true", help="as one server asks: each knows what was told lately")
    parser.add_argument("--out", type=Path, help="keep every tale told in this file, one JSON object a line")
    parser.add_argument("--sheet", type=Path, help="write shuffled, nameless sheets for blind readers there")
    parser.add_argument("--against", type=Path, help="tales that another version told of the same wishes (its --out)")
    parser.add_argument("--versus", default="", metavar="MODEL:REINS", help="another writer, for the same sheet")
    parser.add_argument("--marks", type=Path, nargs="+", help="sum what readers gave; needs --key")
    parser.add_argument("--key", type=Path)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(list(argv))


def _teller(model: str, reins: str, threads: int) -> Teller:
    slots = 1 if reins == TIGHT else TOGETHER
    writer = GgufWriter(stories.weights_path(model), threads, slots) if model != "none" else None
    return Teller(writer, open_embedder({"model.bin": stories.weights_path("e5-small")}, 1), reins)


def _versus(asked: argparse.Namespace, wanted: Sequence[Wanted], seed: int) -> list[Told]:
    """The same wishes by another writer, or by the same one under other reins: `qwen3-4b:loose`."""
    model, _, reins = asked.versus.partition(":")
    return _tell(_teller(model, reins or TIGHT, asked.threads), wanted, seed, asked.words, in_a_row=asked.in_a_row)


def _tell(teller: Teller, wanted: Sequence[Wanted], seed: int, words: int, *, in_a_row: bool) -> list[Told]:
    """As many as there is patience for: Ctrl-C ends the telling and shows what was measured."""
    told: list[Told] = []
    try:
        for at, one in enumerate(wanted):
            mine = [tale for tale in told if tale.language == one.language][-ON_ONE_SERVER:] if in_a_row else []
            lately = Lately(shapes=tuple(tale.recipe for tale in reversed(mine)), heroes=tuple(t.hero for t in mine))
            told.append(teller.tell(one, seed + at, words, lately))
            print(f"{at + 1}/{len(wanted)} {told[-1].wall_s:.1f} s {told[-1].recipe}", file=sys.stderr)
    except KeyboardInterrupt:
        pass
    return told


def _first_words(teller: Teller, wanted: Sequence[Wanted], seed: int, words: int) -> Figures:
    """Medians over the wishes; each wish under all three, one after the other, in another order each time."""
    all_s: dict[str, list[float]] = {TIGHT: [], LOOSE: [], FREE: []}
    for at, one in enumerate(wanted):
        for reins in (*list(all_s)[at % 3 :], *list(all_s)[: at % 3]):
            all_s[reins].append(teller.first_word_s(one, seed + at, words, reins))
    medians = {reins: statistics.median(found) for reins, found in all_s.items()}
    ratios = {f"{reins}_to_tight": medians[reins] / medians[TIGHT] for reins in (LOOSE, FREE)}
    return {f"{reins}_first_word_s": median for reins, median in medians.items()} | ratios


def _figures(tales: Sequence[Told]) -> Figures:
    words = sum(count_words(told.text) for told in tales)
    return {
        "paid_off": _share([one for told in tales for one in paid.paid_off(told)]),
        "answered": _share([paid.answered(told) for told in tales]),
        "orphans": _mean([paid.orphans(told) for told in tales]),
        "pasted_words": _mean([paid.pasted(told) for told in tales]),
        "names_per_scene": _mean([paid.names_per_scene(told) for told in tales]),
        "replied": _share([one for told in tales for one in paid.replied(told)]),
        "shared_sentences": paid.shared_sentences(tales),
        "openings_twice": len(tales) - len({paid.sentences_of(told.text)[0] for told in tales}),
        "most_of_one_frame": max((sum(o.frame == t.frame for o in tales) for t in tales), default=0),
        "neutral_rows": _share([told.fit == "any" for told in tales]),
        "own_words": sum(told.own_words for told in tales) / max(1, words),
        "read_tokens": statistics.median([told.read_tokens for told in tales] or [0]),
        "drafts_refused": _mean([len(told.faults) for told in tales]),
        "repetition_4gram": _mean([_repetition(told.text) for told in tales]),
        "language_kept": _share([detect(told.text) == told.language for told in tales]),
        "words": statistics.median([count_words(told.text) for told in tales] or [0]),
        "first_sentence_s": statistics.median([told.first_s for told in tales] or [0]),
        "seconds_per_200_words": 200 * sum(told.wall_s for told in tales) / max(1, words),
        "cpu_seconds_per_200_words": 200 * sum(told.cpu_s for told in tales) / max(1, words),
    }


def _reading(wanted: Sequence[Wanted], told: Sequence[Told]) -> Figures:
    """Of wishes whose right reading somebody wrote down: hero, deed and how to tell it."""
    read = [(one, tale.read or {}) for one, tale in zip(wanted, told, strict=False) if one.hero or one.deed or one.how]
    if not read:
        return {}
    right = [_read_right(one, got) for one, got in read]
    invented = [word for one, got in read for value in got.values() for word in value.split() if word not in one.text]
    shares = {f"wish_{part}": _share([one[part] for one in right if part in one]) for part in ("hero", "deed", "how")}
    return shares | {"wish_invented": len(invented), "n_read": len(read)}


def _read_right(wanted: Wanted, got: dict[str, str]) -> dict[str, bool]:
    """What of a wish is heard right, of all that somebody wrote down: articles and capitals are not heard."""
    name, who = (_heard(got.get(part, ""), wanted.language) for part in ("hero", "who"))
    done, how = (_heard(got.get(part, ""), wanted.language) for part in ("deed", "how"))
    right = {}
    if wanted.hero:
        right["hero"] = any(_heard(one, wanted.language) in (name, who, name | who) for one in wanted.hero)
    if wanted.deed:
        right["deed"] = _heard(wanted.deed, wanted.language) <= done
    if wanted.how:
        right["how"] = _heard(wanted.how, wanted.language) <= how
    return right


def _heard(text: str, language: str) -> set[str]:
    """The stems of its words without articles."""
    forms, words = forms_of(language), words_in(looked_at(text, language))
    articles = words_of(forms.determiners) - words_of(forms.mine)
    return {paid.stem(word) for word in words if word not in articles} or {*map(paid.stem, words)}


def _rivals(wanted: Sequence[Wanted], writer: GgufWriter, seed: int, words: int) -> Figures:
    ways: dict[str, Callable[[Wanted, GgufWriter, int, int], Told]] = {
        "one_go": stories.one_go, "plan_then_beats": stories.plan_then_beats
    }  # fmt: skip
    figures: Figures = {"n_rivals": len(wanted)}
    for name, way in ways.items():
        told = [way(one, writer, seed + at, words) for at, one in enumerate(wanted)]
        figures |= {f"{name}_{key}": value for key, value in _figures(told).items()}
    return figures


def _length_met(told: Told, asked: int) -> bool:
    return abs(count_words(told.text) - asked) <= LENGTH_TOLERANCE * asked


def _repetition(text: str) -> float:
    words = words_in(text)
    found = [tuple(words[at : at + 4]) for at in range(len(words) - 3)]
    return 1 - len(set(found)) / max(1, len(found))


def _show(figures: Figures, as_json: bool) -> None:
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<40}{value:10.3f}" if isinstance(value, float) else f"{name:<40}{value:>10}")


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else 1.0


def _mean(found: Sequence[float]) -> float:
    return float(statistics.mean(found)) if found else 0.0
