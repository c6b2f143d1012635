"""XTTS's tokens are those of its library."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled
from tests.pipeline.conftest import Tiny

pytestmark = pytest.mark.gpu_stack
WAY = {"temperature": 0.7, "top_p": 0.85, "repetition_penalty": 10.0}


@pytest.fixture(scope="module")
def gpt(tiny: Tiny) -> Any:
    from pipeline.backends.narrate_xtts import _loaded

    return _loaded(tiny("xtts")["model.pth"].parent).gpt


@pytest.fixture(scope="module")
def codes(gpt: Any) -> Any:
    import torch

    from pipeline.backends.xtts_codes import Codes

    return Codes(torch, gpt, record=False)


def _asked(torch: Any, words: int, seed: int) -> tuple[Any, Any]:
    chance = torch.Generator().manual_seed(seed)
    return torch.randn(1, 32, 64, generator=chance), torch.randint(10, 40, (1, words), generator=chance)


def test_the_likeliest_tokens_are_those_its_library_draws(gpt: Any, codes: Any) -> None:
    import torch

    for words, seed in ((12, 1), (40, 2), (5, 3)):
        voice, text = _asked(torch, words, seed)
        with torch.inference_mode():
            theirs = gpt.generate(voice, text, do_sample=True, top_k=1, max_new_tokens=30, num_beams=1, **WAY)
            ours = codes(voice, text, top_k=1, max_new_tokens=30, seed=1, check=Cancelled(), **WAY)
        assert ours.tolist() == theirs.tolist()


def test_a_seed_gives_the_same_tokens_whatever_was_said_before(codes: Any) -> None:
    import torch

    voice, text = _asked(torch, 20, 4)
    asked = {"top_k": 50, "max_new_tokens": 25, "check": Cancelled(), **WAY}
    with torch.inference_mode():
        first = codes(voice, text, seed=1, **asked).tolist()
        codes(*_asked(torch, 60, 5), seed=9, **asked)
        assert codes(voice, text, seed=1, **asked).tolist() == first
        assert codes(voice, text, seed=2, **asked).tolist() != first
        codes.forget()
        assert codes(voice, text, seed=1, **asked).tolist() == first


def test_it_stops_before_the_next_token(codes: Any) -> None:
    import torch

    check = Cancelled()
    check.set()
    with torch.inference_mode(), pytest.raises(TaleCancelled):
        codes(*_asked(torch, 5, 1), top_k=50, max_new_tokens=300, seed=1, check=check, **WAY)
