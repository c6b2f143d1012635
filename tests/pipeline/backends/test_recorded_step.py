"""A step in place is the plain step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.cancelled import Cancelled
from pipeline.roles import Ask, Kind, Turn
from tests.pipeline.conftest import Tiny

pytestmark = pytest.mark.gpu_stack
ROWS, READ = 64, 9


@pytest.fixture(scope="module", params=["llama", "mistral"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from pipeline.backends.torch_traps import mend_torchaudio
    from tests.tiny_models import llama
    from tests.tiny_models.sizes import Size

    mend_torchaudio()
    transformers = pytest.importorskip("transformers")
    make = {"llama": llama.make, "mistral": llama.make_mistral}[request.param]
    folder: Path = make(tmp_path_factory.mktemp(request.param), Size.TINY)
    return transformers.AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype="float32").eval()


def test_tokens_in_their_rows_give_the_logits_of_the_plain_way(model: Any) -> None:
    import torch

    from pipeline.backends.torch_decoding import RecordedStep

    chance = torch.Generator().manual_seed(1)
    tokens = torch.randint(5, 2_000, (READ + 6,), generator=chance).tolist()
    with torch.inference_mode():
        plain = model(torch.tensor([tokens])).logits[0]
        head = model(torch.tensor([tokens[:READ]]), use_cache=True).past_key_values
        rooms = [(_room(torch, layer.keys), _room(torch, layer.values)) for layer in head.layers]
        step = RecordedStep(torch, model, rooms, record=False)
        for at in range(READ, len(tokens)):
            assert torch.allclose(step(tokens[at], at), plain[at], atol=1e-4)
        again = step(tokens[READ + 1], READ + 1)
        assert torch.allclose(again, plain[READ + 1], atol=1e-4), "gone back, what lies behind is not seen"


def _room(torch: Any, told: Any) -> Any:
    """All its rows; what nobody wrote holds nonsense."""
    room = torch.full((*told.shape[:-2], ROWS, told.shape[-1]), 7.0)
    room[..., : told.shape[-2], :] = told
    return room


@pytest.mark.parametrize("family", ["llama", "mistral"])
def test_a_writer_whose_rows_stay_in_place_tells_the_same_tale(tiny: Tiny, family: str) -> None:
    from pipeline.backends.write_llama import LlamaWriter

    folder = next(path.parent for name, path in tiny(family).items() if name == "config.json")
    plain, in_place = (LlamaWriter(folder, 1, in_place=way) for way in (False, True))
    first, second = (_tale(writer) for writer in (plain, in_place))
    assert first == second
    rooms = in_place.__dict__["_cache"].layers[0].rooms
    assert _tale(in_place) == first, "settled again"
    assert in_place.__dict__["_cache"].layers[0].rooms[0] is rooms[0], "what was recorded knows where they lie"
    in_place.doze()
    in_place.wake()
    assert _tale(in_place) == first, "rested"
    in_place.lean()
    assert _tale(in_place) == first, "in less memory"
    for writer in (plain, in_place):
        writer.close()


def _tale(writer: Any) -> list[str]:
    """Three sentences, each on what was told so far; one is broken off."""
    writer.settle("You tell.")
    told, sentences = "The fox", []
    for seed in range(3):
        turn = Turn("You tell.", "A fox.", told)
        next(writer.complete(turn, Ask(Kind.FREE, 50 + seed, max_tokens=30), Cancelled()), "")
        sentences.append("".join(writer.complete(turn, Ask(Kind.FREE, seed, max_tokens=12), Cancelled())))
        told += sentences[-1]
    return sentences
