"""How well harm is read in wishes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from pipeline.words.prompt import Harm
from pipeline.writing.harm import SURE_OF_STORIES, HarmHead
from tests.bench._machine import reference, reference_lines
from tests.bench._stories import fixed
from tests.harm.training import Array, Wish, beginnings, harmless_told, rows_of, train, wishes
from tests.mood.sentences import training as told_sentences


def main(argv: list[str]) -> int:
    """`bench harm [--train] [--json]`: exits 1 where no head is there."""
    parser = argparse.ArgumentParser(prog="bench harm", description=__doc__)
    parser.add_argument("--train", action="store_true", help="write data/harm/head.npz first")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    say = _quiet if args.json else print
    head = train(say=say) if args.train else HarmHead.shipped()
    if head is None:
        return 1
    figures = measured(head)
    if args.json:
        print(json.dumps(figures | reference()))
    else:
        for name, value in figures.items():
            print(f"{name:<28} {value}")
        print(reference_lines())
    return 0


def measured(head: HarmHead) -> dict[str, float]:
    """Held-out wishes, kind by kind and language by language; sentences of stories, as a story is read."""
    test, unlearned, told = wishes("test"), _unlearned(), wishes("told")
    found = _found(head, _read(test))
    figures: dict[str, float] = {"wishes": len(test)} | _shares("refused", test, found)
    for language in sorted({one.language for one in test}):
        right = [bool(harms) == (one.harm is not Harm.HARMLESS) for one, harms in zip(test, found, strict=True)
                if one.language == language]  # fmt: skip
        figures[f"right_{language}"] = round(sum(right) / len(right), 3)
    read = _read(unlearned)
    plain, stopped = _found(head, read), _found(head, read, SURE_OF_STORIES)
    figures |= {"told_sentences": len(unlearned), "refused_told": round(sum(map(bool, plain)) / len(plain), 4)}
    figures |= {"stopped_told": round(sum(map(bool, stopped)) / len(stopped), 4)}
    figures |= _own(head)
    figures["story_sentences"] = len(told)
    return figures | _shares("stopped", told, _found(head, _read(told), SURE_OF_STORIES))


def _own(head: HarmHead) -> dict[str, float]:
    """Of what we wrote for other ends nothing may be refused: prompts of another bench, beginnings of sentences."""
    learned = {one.text for one in harmless_told()}
    begun = [one for one in beginnings() if one.text not in learned][::8]
    refused = _found(head, rows_of([one.text for one in fixed()], _quiet))
    stopped = _found(head, _read(begun), SURE_OF_STORIES)
    return {
        "refused_prompts": round(sum(map(bool, refused)) / len(refused), 4),
        "stopped_beginnings": round(sum(map(bool, stopped)) / len(stopped), 4),
    }


def _found(head: HarmHead, rows: Array, least: float = 0.0) -> list[frozenset[Harm]]:
    """What it finds in each; in a story a character's danger is none of the asker's."""
    pass_ = frozenset({Harm.DANGER} if least else ())
    return [head.found(row[None, :], least) - pass_ for row in rows]


def _read(those: Sequence[Wish]) -> Array:
    return rows_of([one.text for one in those], _quiet)


def _shares(name: str, those: Sequence[Wish], found: Sequence[frozenset[Harm]]) -> dict[str, float]:
    """Of each kind the share in which any harm was found."""
    figures = {}
    for harm in Harm:
        mine = [bool(harms) for one, harms in zip(those, found, strict=True) if one.harm is harm]
        if mine:
            figures[f"{name}_{harm.value}"] = round(sum(mine) / len(mine), 3)
    return figures


def _unlearned() -> list[Wish]:
    """Every eighth of the told sentences that the head did not learn."""
    learned = {one.text for one in harmless_told()}
    left = [one for one in told_sentences() if one.text not in learned]
    return [Wish(Harm.HARMLESS, one.text, one.language) for one in left[::8]]


def _quiet(_: str) -> None:
    return
