"""Files are read by what they hold."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import Refused
from pipeline.sources.kinds import kind_of
from pipeline.sources.reading import ReadingBounds, read_here, read_source, read_whole
from pipeline.sources.sheets import value_of
from pipeline.words.jsonable import from_json
from pipeline.words.source import SourceKind, StorySource
from tests.pipeline.sources import making

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PAID = (
    '<html><script type="application/ld+json">{"isAccessibleForFree": false}</script><body><article>'
    "<p>The first sentence is free for everybody. The rest is for subscribers alone, and so it ends here.</p>"
    "</article></body></html>"
)
WORDS = (("a", "b"), ("1x", "-"), ("2x", "-"))
PAPERS = [SourceKind.PDF, SourceKind.EPUB, SourceKind.DOCX, SourceKind.PAGE, SourceKind.FEED, SourceKind.TEXT]
BOMB = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><rss version="2.0"><channel/></rss>'


def here(path: Path) -> StorySource:
    return from_json(StorySource, json.loads(read_here(str(path), "a file")))


@pytest.mark.parametrize("kind", making.MAKERS)
def test_a_file_is_known_by_its_content_under_any_name(kind: SourceKind, tmp_path: Path) -> None:
    path = tmp_path / "holiday.gif"
    made = path.with_suffix(making.MAKERS[kind][0])
    making.MAKERS[kind][1](made, making.HARBOUR)
    made.rename(path)
    assert kind_of(path) is kind


@pytest.mark.parametrize("kind", PAPERS)
def test_a_paper_gives_its_sentences_in_order_with_places_numbers_and_people(kind: SourceKind, tmp_path: Path) -> None:
    path = tmp_path / f"paper{making.MAKERS[kind][0]}"
    making.MAKERS[kind][1](path, making.HARBOUR)
    source = here(path)
    told = " ".join(fact.text for fact in source.facts)
    assert [told.find(" ".join(one.split())) >= 0 for one in making.HARBOUR.paragraphs] == [True] * 6
    assert "Its bell weighs 412 kilograms and came from Bergen by sea." in [fact.text for fact in source.facts]
    assert {"1887", "412", "2,300", "8,000"} <= set(source.numbers)
    assert {"Ingrid Solberg", "Aksel Berg"} <= set(source.people)
    assert source.title == making.HARBOUR.title
    assert "Accept cookies" not in told


def test_a_printed_page_keeps_its_headings_apart_from_its_sentences(tmp_path: Path) -> None:
    making.pdf(tmp_path / "a.pdf", making.HARBOUR)
    source = here(tmp_path / "a.pdf")
    assert source.parts == ("The bell", "The storm")
    assert source.facts[0].text == "The harbour at Lomvik was built in 1887."


def test_a_child_reads_it_and_gives_the_same(tmp_path: Path) -> None:
    making.docx(tmp_path / "a", making.HARBOUR)
    assert read_source(tmp_path / "a", "a file") == here(tmp_path / "a")
    assert [one.title for one in read_whole(tmp_path / "a").sections] == ["The bell", "The storm"]


@pytest.mark.parametrize("make", [making.sheet, making.workbook])
def test_a_table_tells_who_passed_whom_and_what_rose_most(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "t")
    found = [(fact.happening, fact.slots) for fact in here(tmp_path / "t").facts]
    assert (
        "rise",
        {"what": "Visitors", "row": "2024-02", "value": "1,310", "later": "2024-03", "other": "2,980"},
    ) in found
    passed = {"row": "2024-03", "ahead": "Anna", "behind": "Ben", "value": "31", "other": "24"}
    assert ("passed", passed) in found
    assert "record" not in [kind for kind, _ in found]


def test_a_table_of_people_names_its_record_and_nobody_where_two_are_equal(tmp_path: Path) -> None:
    rows = (("Player", "Points", "Games"), ("Mo", "57", "9"), ("Ada", "61", "9"), ("Kim", "12", "3"))
    making.sheet(tmp_path / "t", rows)
    found = {(fact.happening, fact.slots["what"], fact.slots["row"]) for fact in here(tmp_path / "t").facts}
    assert found == {("record", "Points", "Ada"), ("least", "Points", "Kim"), ("least", "Games", "Kim")}


@pytest.mark.parametrize(
    ("written", "worth"),
    [("1.234,5", 1234.5), ("1,234.5", 1234.5), ("12 %", 12), ("-3", -3), ("€ 9,50", 9.5), ("1,234", 1234),
     ("0.125", 0.125), ("n/a", None), ("12 monkeys in a row", None), ("", None)],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(written: str, worth: float | None) -> None:
    assert value_of(written) == worth


def test_a_picture_gives_its_colours_and_its_light(tmp_path: Path) -> None:
    making.picture(tmp_path / "p.png")
    assert [fact.slots for fact in here(tmp_path / "p.png").facts] == [{"light": "night"}, {"colour": "blue"}]


def _zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("word/document.xml", b"0" * 210_000_000)


def _huge_picture(path: Path) -> None:
    import struct
    import zlib

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + b"\0" * 8)


def _sealed_epub(path: Path) -> None:
    making.epub(path, making.HARBOUR)
    with zipfile.ZipFile(path, "a") as parts:
        sealed = '<encryption><CipherReference URI="OPS/c0.xhtml"/></encryption>'
        parts.writestr("META-INF/encryption.xml", sealed)


def _long_sheet(path: Path) -> None:
    path.write_text("name,points\n" + "somebody,1\n" * 25_000)


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "a PDF with a password": (lambda path: making.pdf(path, making.HARBOUR, password="x"), "file_locked"),
    "a zip bomb": (_zip_bomb, "file_swollen"),
    "a billion laughs": (lambda path: path.write_bytes(BOMB), "file_hostile"),
    "an old office file": (lambda path: path.write_bytes(OLD_OFFICE + b"\0" * 600), "file_locked"),
    "an empty file": (lambda path: path.write_bytes(b" \n"), "file_empty"),
    "a program": (lambda path: path.write_bytes(b"\x7fELF" + bytes(range(256)) * 8), "file_kind_unknown"),
    "half a PDF": (lambda path: path.write_bytes(b"%PDF-1.7\n1 0 obj\n<<"), "file_damaged"),
    "half an archive": (lambda path: path.write_bytes(b"PK\x03\x04" + b"\0" * 100), "file_damaged"),
    "a picture of 50,000 by 50,000": (_huge_picture, "picture_big"),
    "half a picture": (lambda path: path.write_bytes(b"GIF89a\x10\0\x10\0"), "file_damaged"),
    "a sealed book": (_sealed_epub, "file_locked"),
    "a table without end": (_long_sheet, "sheet_long"),
    "a table without numbers": (lambda path: making.sheet(path, WORDS), "sheet_numberless"),
    "a page that is paid for": (lambda path: path.write_text(PAID), "page_paid"),
    "a page of menus": (lambda path: path.write_text("<html><nav><a>Home</a></nav></html>"), "page_wordless"),
    "a feed of nothing": (lambda path: path.write_text('<rss version="2.0"><channel/></rss>'), "feed_unreadable"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_own_sentence(name: str, tmp_path: Path) -> None:
    make, code = BAD[name]
    make(tmp_path / "bad.pdf")
    with pytest.raises(Refused) as refused:
        here(tmp_path / "bad.pdf")
    assert refused.value.code == code


def test_two_gigabytes_are_not_even_opened(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(Refused) as refused:
        read_source(tmp_path / "big", "big")
    assert refused.value.code == "file_big"


def test_a_reader_that_eats_its_memory_dies_alone(tmp_path: Path) -> None:
    making.pdf(tmp_path / "a.pdf", making.HARBOUR)
    with pytest.raises(Refused) as refused:
        read_source(tmp_path / "a.pdf", "a", ReadingBounds(memory_bytes=30_000_000))
    assert refused.value.code in {"file_damaged", "file_swollen"}
