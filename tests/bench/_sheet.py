"""Sheets for blind reading."""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Sequence
from pathlib import Path

from tests.bench._stories import Told

AXES = ("sense", "premise", "arc", "language", "charm")
HOW = """# Tales to be read blind

Read each tale aloud once. A listener hears it once and sees no page. Then give five marks from 1 to 5
(5 = a published picture-book tale, 3 = passable, 1 = nonsense) and count the nonsense sentences:

- sense: do its sentences follow from each other?
- premise: is it about this wish, and could it not as well be about another?
- arc: is there a trouble, a turn and an end that belong together?
- language: is it right and natural in its language, for the ear?
- charm: would you ask for a second tale?

Write one line a tale into a file of marks, tab-separated:
number, sense, premise, arc, language, charm, nonsense, the worst sentence (word for word).
Where a wish was told twice, write `A > B` with the two numbers on a line of its own: the better one first.
"""


def write_sheet(folder: Path, versions: dict[str, Sequence[Told]], seed: int) -> None:
    """`sheet_<language>.md` for readers, and `key.json` for whoever counts."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(seed)
    rows = [(name, told) for name, tales in versions.items() for told in tales]
    dice.shuffle(rows)
    key = {}
    pages: dict[str, list[str]] = {}
    for number, (name, told) in enumerate(rows, start=1):
        key[str(number)] = {"version": name, "wish": told.wish, "language": told.language, "recipe": told.recipe}
        key[str(number)] |= {"fit": told.fit}
        pages.setdefault(told.language, []).append(f"## Tale {number}\n\nThe wish: {told.wish}\n\n{told.text}\n")
    for language, found in pages.items():
        (folder / f"sheet_{language}.md").write_text(HOW + "\n" + "\n".join(found), encoding="utf-8")
    (folder / "key.json").write_text(json.dumps(key, ensure_ascii=False, indent=1), encoding="utf-8")


def summed(marks: Sequence[Path], key: Path) -> dict[str, float | int]:
    """Means by version and language over all readers, and how often each version was preferred."""
    known = json.loads(key.read_text(encoding="utf-8"))
    given: dict[str, list[list[float]]] = {}
    wins: dict[str, list[bool]] = {}
    for line in (line for file in marks for line in file.read_text(encoding="utf-8").splitlines()):
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) >= 7 and cells[0] in known:
            told = known[cells[0]]
            for group in (f"{told['version']}_{told['language']}", f"{told['version']}_fit_{told['fit'] or 'none'}"):
                given.setdefault(group, []).append([float(cell) for cell in cells[1:7]])
        elif ">" in line:
            better, worse = (known.get(part.strip(), {}).get("version", "") for part in line.split(">")[:2])
            if better and worse and better != worse:
                wins.setdefault(better, []).append(True)
                wins.setdefault(worse, []).append(False)
    figures: dict[str, float | int] = {}
    for group, rows in sorted(given.items()):
        columns = zip((*AXES, "nonsense"), zip(*rows, strict=True), strict=True)
        figures |= {f"{group}_{axis}": round(statistics.mean(column), 2) for axis, column in columns}
        figures[f"{group}_n"] = len(rows)
    return figures | {f"{name}_preferred": round(statistics.mean(won), 3) for name, won in sorted(wins.items())}
