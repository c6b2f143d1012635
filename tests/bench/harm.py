"""How well harm is read in wishes."""

from __future__ import annotations

import argparse
import json

import numpy as np

from pipeline.words.harm import Harm
from pipeline.writing.harm import HarmHead
from tests.harm.training import Wish, harmless_told, rows_of, train, wishes
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
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<28} {value}")
    return 0


def measured(head: HarmHead) -> dict[str, float]:
    """Held-out wishes, kind by kind and language by language; and told sentences that it did not learn."""
    test = wishes("test")
    found = head_found(head, test)
    figures: dict[str, float] = {"wishes": len(test)}
    for harm in Harm:
        mine = [harms for one, harms in zip(test, found, strict=True) if one.harm is harm]
        caught = sum(bool(harms) for harms in mine) / len(mine)
        figures[f"refused_{harm.value}"] = round(caught, 3)
    for language in sorted({one.language for one in test}):
        right = [bool(harms) == (one.harm is not Harm.HARMLESS) for one, harms in zip(test, found, strict=True)
                if one.language == language]  # fmt: skip
        figures[f"right_{language}"] = round(sum(right) / len(right), 3)
    unlearned = _unlearned()
    told = head_found(head, unlearned)
    return figures | {"told_sentences": len(unlearned), "refused_told": round(sum(map(bool, told)) / len(told), 4)}


def head_found(head: HarmHead, those: list[Wish]) -> list[frozenset[Harm]]:
    """What it finds in each."""
    rows = rows_of([one.text for one in those], _quiet)
    return [head.found(row[None, :]) for row in np.asarray(rows)]


def _unlearned() -> list[Wish]:
    """Every eighth of the told sentences that the head did not learn."""
    learned = {one.text for one in harmless_told()}
    left = [one for one in told_sentences() if one.text not in learned]
    return [Wish(Harm.HARMLESS, one.text, one.language) for one in left[::8]]


def _quiet(_: str) -> None:
    return
