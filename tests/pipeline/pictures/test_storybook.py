"""A tale as a book to print."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
from PIL import Image

from pipeline.pictures.storybook import BookPage, write_storybook


def test_a_book_has_a_title_page_and_a_page_for_each_scene_on_a4(tmp_path: Path) -> None:
    Image.new("RGB", (320, 180), (200, 60, 40)).save(tmp_path / "a.jpg")
    pages = [BookPage(tmp_path / "a.jpg", "Once a fox took a crown. " * count) for count in (1, 60)]
    write_storybook(tmp_path / "book.pdf", "A fox", pages)
    book = pypdfium2.PdfDocument(str(tmp_path / "book.pdf"))
    assert len(book) == 3
    assert [round(side) for side in book[0].get_size()] == [595, 842]
    seen = book[2].render(scale=0.4).to_pil().convert("L")
    dark = sum(count for level, (count) in enumerate(seen.histogram()) if level < 128)
    assert dark > 500, "the words of a long scene stand below its picture"
