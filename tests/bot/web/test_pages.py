"""Promises of the pages, read without a browser."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from bot.web.pages import FOLDER, _read
from pipeline.places import DATA

PAGES = ("player.html", "studio.html", "docs.html")
AA = 4.5
"""The least contrast of text that WCAG 2.2 asks for."""
WORDS = tomllib.loads((DATA / "languages/en/interface.toml").read_text("utf-8"))["web"]["words"]


class Walk(HTMLParser):
    """Every element with its attributes, its text, and the labels around it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[tuple[str, int]] = []
        self.feed((FOLDER / page).read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        around = [name for name, _ in self._open]
        self.found.append((tag, dict(attrs), around))
        if tag not in ("meta", "link", "input"):
            self._open.append((tag, len(self.found) - 1))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and self._open:
            self.found[self._open[-1][1]][1].setdefault("text", data.strip())

    def all(self, *tags: str) -> Iterator[tuple[str, dict[str, str | None], list[str]]]:
        yield from (one for one in self.found if one[0] in tags)


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_can_be_used_has_a_name(page: str) -> None:
    walk = Walk(page)
    for tag, attrs, around in walk.all("input", "select", "textarea", "progress"):
        named = "label" in around or attrs.get("data-label") or attrs.get("aria-label")
        assert named, (tag, attrs)
    for _, attrs, _ in walk.all("button", "a", "summary"):
        assert attrs.get("text") or attrs.get("data-t") or attrs.get("data-label"), attrs
    ids = [attrs["id"] for _, attrs, _ in walk.found if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs, _ in walk.found:
        assert set((attrs.get("aria-labelledby") or "").split()) <= set(ids), attrs
        assert "tabindex" not in attrs or attrs["tabindex"] in ("0", "-1"), "the order of the page is the order of keys"
    assert [tag for tag, _, _ in walk.all("main", "h1", "title")].count("main") == 1
    assert any(attrs.get("role") == "status" for _, attrs, _ in walk.found), "what happens is said aloud"


@pytest.mark.parametrize("page", PAGES)
def test_every_word_of_a_page_is_in_the_table(page: str) -> None:
    text = (FOLDER / page).read_text("utf-8") + (FOLDER / "pieces.js").read_text("utf-8")
    used = set(re.findall(r'data-(?:t|label)="(\w+)"', text)) | set(re.findall(r'\bt\("(\w+)"', text)) - {"phase_"}
    assert used <= set(WORDS)
    if page == "studio.html":
        for start, values in (("how_", "HOWS"), ("mood_", "MOODS")):
            named = json.loads(re.search(rf"{values} = (\[.*?\])", text)[1])  # type: ignore[index] # it is there
            assert {start + one for one in named if one} <= set(WORDS)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_nothing_from_anywhere_and_runs_its_own_scripts_alone(page: str) -> None:
    text, policy = _read(page)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)
    assert " on" not in re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL).replace(" on a", "").lower() or not (
        re.search(r"<[^>]+\son\w+=", text)
    )
    assert "unsafe" not in policy
    assert policy.count("sha256-") == len(re.findall(r"<(?:script|style)>", text))
    assert "innerHTML" not in text, "a title is text, never code"


def test_colours_can_be_read_by_day_and_by_night() -> None:
    css = (FOLDER / "pieces.css").read_text("utf-8")
    blocks = re.findall(r"\{([^{}]*--paper:[^{}]*)\}", css)
    looks = [dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in blocks]
    assert len(looks) == 3
    for look in looks:
        for front, back in (
            ("ink", "paper"), ("soft", "paper"), ("ink", "card"), ("act-ink", "act"), ("act", "paper"),
            ("bad", "paper"),             ("mark-ink", "mark"), ("soft", "card"),
        ):  # fmt: skip
            assert contrast(look[front], look[back]) >= AA, (front, back, look)
        assert contrast(look["line"], look["card"]) >= 3, "edges of controls"


def contrast(one: str, other: str) -> float:
    """By WCAG."""
    light, dark = sorted((_light(one), _light(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _light(colour: str) -> float:
    parts = [part / 255 for part in bytes.fromhex(colour.removeprefix("#"))]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.node
async def test_every_script_can_be_read_by_a_browsers_engine() -> None:
    node = shutil.which("node")
    assert node is not None
    for file in (*PAGES, "pieces.js", "worker.js"):
        text = (FOLDER / file).read_text("utf-8")
        for script in re.findall(r"<script>(.*?)</script>", text, re.DOTALL) or (
            [text] if file.endswith(".js") else []
        ):
            ran = await asyncio.create_subprocess_exec(
                node, "--check", "-", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            _, said = await ran.communicate(script.encode())
            assert ran.returncode == 0, (file, said.decode())
