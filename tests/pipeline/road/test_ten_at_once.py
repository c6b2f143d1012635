"""Many wishes of the narrator at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pipeline.errors import TaleError
from pipeline.wording import locales, sentence
from pipeline.words.answer import Sampled
from pipeline.words.request import Asked, Sample
from tests.pipeline.road.real import door_to, kept_by, worker

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
LINE = "The keeper lit the lamp, and the storm was not afraid any more."
ODD = ("A", "😀🎉", "He said 我回家了 and नमस्ते.", "…", "word" * 70)


async def test_ten_narrations_at_once_are_all_answered_and_odd_ones_harm_none(tmp_path: Path) -> None:
    texts = (*ODD, *(LINE,) * 10)
    async with worker(tmp_path), door_to(tmp_path) as at:
        kept = kept_by(tmp_path)
        asked = [Asked(f"wish-{nth}", Sample("bm_fable", "en", text)) for nth, text in enumerate(texts)]
        told = await asyncio.gather(*(at.answered(one, Sampled, kept) for one in asked), return_exceptions=True)
        for text, one in zip(texts, told, strict=True):
            if isinstance(one, TaleError):
                assert text in ODD
                assert all(sentence(one, locale) != str(one) for locale in locales()), one.code
                continue
            assert isinstance(one, Sampled), one
            assert sum(piece.samples for piece in one.spoken) > 0, text
        theirs = {tuple(piece.samples for piece in one.spoken) for one in told[len(ODD) :] if isinstance(one, Sampled)}
        assert len(theirs) == 1, "the same line is the same sound"
