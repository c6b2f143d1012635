"""A whole book, read chapter by chapter."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path

from pipeline.artifacts import Artifacts
from pipeline.audio.container import FORMS, encode
from pipeline.audio.decode import blocks_of
from pipeline.audio.tags import ARTIST, MADE_BY_AI, Chapter
from pipeline.cli.material import brought
from pipeline.cli.outputs import folder_for, writable, write_tale
from pipeline.errors import Refused
from pipeline.sources.reading import read_whole
from pipeline.tables import FALLBACK
from pipeline.whole_file import write_whole
from pipeline.words.prompt import MOST_WORDS, WORDS_PER_MINUTE, Prompt, told_words
from pipeline.words.source import Document, SourceKind, StorySource
from pipeline.words.tale import Tale
from pipeline.writing.language import detect

MOST_BOOK_WORDS = 10 * 60 * WORDS_PER_MINUTE
"""Ten hours."""
_CHAPTER_WORDS = MOST_WORDS * 9 // 10
_LEAST_CHAPTER_WORDS = 60
"""A shorter one is read together with the next: a title page, a motto."""
_SAMPLE_CHARS = 4_000
Told = Callable[[Prompt, Artifacts], Tale]
"""Makes one tale on this machine."""


@dataclass(frozen=True)
class BookChapter:
    """A stretch of a book that is told as one tale."""

    title: str
    text: str


def is_book(name: str) -> bool:
    """Whether it takes more than one tale to read, or is no plain text: `-` and short texts are not."""
    path = Path(name)
    if name == "-" or not path.is_file():
        return name != "-" and "://" in name
    try:
        return told_words(path.read_text(encoding="utf-8")) > MOST_WORDS
    except UnicodeDecodeError:
        return True


def tell_book(args: argparse.Namespace, seed: int, told: Told, say: Callable[[str], None]) -> dict[str, object]:
    """Read a book into a folder: a tale each chapter, then one M4B. What was told before a stop is kept and used."""
    with brought(args.as_written) as (path, called):
        book = read_whole(path)
    chapters = chapters_of(book)
    title = book.title or Path(called).stem
    mark = hashlib.sha256(json.dumps([title, [one.text for one in chapters], args.voice]).encode()).hexdigest()
    folder, seed = _begun(args.out, title, mark, seed)
    language = args.language or detect(chapters[0].text[:_SAMPLE_CHARS]) or FALLBACK
    source = StorySource(book.kind, (), called)
    for nth, chapter in enumerate(chapters, 1):
        part = folder / f"{nth:03}"
        if (part / "told").exists():
            continue
        text = f"{chapter.title}.\n\n{chapter.text}" if chapter.title else chapter.text
        wish = Prompt(text, seed, told_words(text), language, args.style, voice=args.voice, as_written=True)
        with tempfile.TemporaryDirectory(prefix="echotales-") as scratch:
            keep = Artifacts(Path(scratch))
            tale = told(replace(wish, effects=not args.no_effects), keep)
            named = replace(source, title=chapter.title or title)
            write_tale(replace(tale, prompt=replace(tale.prompt, source=named)), keep, part, "opus")
        write_whole(part / "told", "")
        say(f"{nth}/{len(chapters)}  {chapter.title}")
    return _bound(folder, title, chapters, language, called)


def chapters_of(book: Document) -> list[BookChapter]:
    """Chapters of at most a tale's length; raises Refused `written_too_long`."""
    if book.kind is SourceKind.FEED or not book.sections:
        raise Refused("file_wordless")
    words = sum(told_words(one.text) for one in book.sections)
    if words > MOST_BOOK_WORDS:
        minutes, most = round(words / WORDS_PER_MINUTE), MOST_BOOK_WORDS // WORDS_PER_MINUTE
        raise Refused("written_too_long", minutes=minutes, most=most)
    joined: list[BookChapter] = []
    for section in book.sections:
        short = joined and told_words(joined[-1].text) < _LEAST_CHAPTER_WORDS
        fits = joined and not section.title and told_words(joined[-1].text + section.text) <= _CHAPTER_WORDS
        if short or fits:
            before = joined.pop()
            heading = f"{section.title}.\n\n" if section.title and before.text else ""
            joined.append(BookChapter(before.title or section.title, f"{before.text}\n\n{heading}{section.text}"))
        else:
            joined.append(BookChapter(section.title, section.text))
    return [part for one in joined for part in _parted(one)]


def _parted(chapter: BookChapter) -> Iterator[BookChapter]:
    """A chapter that is too long, in parts that end with a paragraph."""
    held: list[str] = []
    for paragraph in chapter.text.split("\n\n"):
        for piece in _pieces(paragraph):
            if held and told_words("\n\n".join([*held, piece])) > _CHAPTER_WORDS:
                yield BookChapter(chapter.title, "\n\n".join(held))
                held = []
            held.append(piece)
    yield BookChapter(chapter.title, "\n\n".join(held))


def _pieces(paragraph: str) -> list[str]:
    if told_words(paragraph) <= _CHAPTER_WORDS:
        return [paragraph]
    pieces = [""]
    for sentence in re.split(r"(?<=[.!?…])\s+", paragraph):
        if told_words(pieces[-1]) > _CHAPTER_WORDS // 2:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]} {sentence}".strip()
    return pieces


def _begun(out: Path | None, title: str, mark: str, seed: int) -> tuple[Path, int]:
    """The folder of this very book, begun before or new; its seed is that with which it was begun."""
    usual = folder_for(title).parent / folder_for(title).name if out is None else out
    before = re.sub(r"-\d+$", "", str(usual)) if out is None else str(usual)
    for folder in (Path(before), usual):
        note = folder / "book.json"
        if note.is_file() and (known := json.loads(note.read_text("utf-8"))).get("mark") == mark:
            return folder, int(known["seed"])
    writable(usual)
    write_whole(usual / "book.json", json.dumps({"title": title, "mark": mark, "seed": seed}))
    return usual, seed


def _bound(folder: Path, title: str, chapters: list[BookChapter], language: str, called: str) -> dict[str, object]:
    parts = [folder / f"{nth:03}" for nth in range(1, len(chapters) + 1)]
    told = [json.loads((part / "tale.json").read_text("utf-8")) for part in parts]
    edges = [0.0, *accumulate(float(one["audio"]["duration_s"]) for one in told)]
    marks = [
        Chapter(chapter.title or f"{nth}", since, until)
        for nth, (chapter, (since, until)) in enumerate(zip(chapters, pairwise(edges), strict=True), 1)
    ]
    credited = dict.fromkeys(line for one in told for line in one["rights"]["credits"])
    tags = {
        "title": title, "artist": ARTIST, "album": title, "genre": "Audiobook", "language": language,
        "comment": " · ".join([MADE_BY_AI, *credited, f"Source: {called}"]),
    }  # fmt: skip
    audio = folder / "book.m4b"
    with ExitStack() as half:
        file = Path(half.enter_context(tempfile.TemporaryDirectory(dir=folder, prefix=".half-"))) / audio.name
        blocks = (block for part in parts for block in blocks_of(part / "tale.opus"))
        encode(file, blocks, FORMS[".m4b"], tags=tags, cover=(parts[0] / "cover.png").read_bytes(), chapters=marks)
        file.replace(audio)
    return {"folder": str(folder), "audio": str(audio), "chapters": len(marks), "seconds": round(edges[-1], 1)}
