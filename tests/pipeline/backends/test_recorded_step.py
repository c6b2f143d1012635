"""A step in place is the plain step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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

    from pipeline.backends.recorded_step import RecordedStep

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
