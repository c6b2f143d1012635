"""Numbers in the papers are the code's."""

from __future__ import annotations

import re

from bot.privacy import sounds, sweep
from pipeline.places import CHECKOUT, DATA
from pipeline.road import erased, workers
from pipeline.settings import Settings
from pipeline.speaking.voices import read_voices

DAY_S = 86_400.0
IN_WORDS = {"fifty-four": 54}


def _paper(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


def test_what_an_erase_leaves_goes_as_soon_as_security_says() -> None:
    said = _paper("SECURITY.md")
    assert f"they are removed within {sounds.UNTOUCHED_S / DAY_S:.0f} days" in said
    assert f"when it starts again within {erased.KEPT_S / DAY_S:.0f} days" in said
    assert "for a year after the erase" in said
    assert sweep.MARKS_KEPT_S == 365 * DAY_S


def test_a_dead_worker_is_noticed_as_soon_as_the_operator_is_told() -> None:
    assert f"noticed after {workers.DEAD_AFTER_S:.0f} s" in _paper("docs/operations.md")


def test_figures_and_health_are_where_the_operator_is_told() -> None:
    assert f"`{Settings().seen_at}/metrics`" in _paper("docs/operations.md")


def test_there_are_as_many_voices_as_the_page_says() -> None:
    [number] = re.findall(r"lists all ([a-z-]+) with locale", _paper("docs/languages.md"))
    assert len(read_voices()) == IN_WORDS[number]


def test_the_readme_counts_no_frame_that_is_not_there() -> None:
    [claimed] = re.findall(r"\((\d+ frames in .*?)\), and only", _paper("README.md"))
    codes = {"English": "en", "Portuguese": "pt", "Spanish": "es", "French": "fr", "Italian": "it", "German": "de"}
    for number, languages in re.findall(r"(\d+) (?:frames )?in ((?:[A-Z]\w+(?: and )?)+)", claimed):
        for language in languages.split(" and "):
            there = list((DATA / "languages" / codes[language] / "tales").glob("*.toml"))
            assert len(there) >= int(number), language
