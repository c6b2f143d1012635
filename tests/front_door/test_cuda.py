"""A card's libraries come where torch wants them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.front_door.checkout import SmallCheckout, small_checkout
from tests.pipeline.shelf.registries import wheel


def _sell_torch(checkout: SmallCheckout, cuda: str) -> None:
    """A torch of one file in the lock `gpu`, and what only one with CUDA wants in the lock `cuda`."""
    version = f"__version__ = '1'\ncuda: Optional[str] = {cuda}\nhip: Optional[str] = None\n"
    torch = wheel(checkout.wheels, "torch", "1.0", {"torch/__init__.py": b"", "torch/version.py": version.encode()})
    runtime = wheel(checkout.wheels, "nvidia-cuda-runtime", "13.0", {"nvidia_runtime.py": b""})
    for layer, pin, file in (("gpu", "torch==1.0", torch), ("cuda", "nvidia-cuda-runtime==13.0", runtime)):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        (checkout.folder / "data" / "locks" / f"{layer}.txt").write_text(f"{pin} \\\n    --hash=sha256:{digest}\n")


def _libraries(checkout: SmallCheckout) -> list[Path]:
    return list((checkout.folder / ".venv").rglob("nvidia_runtime.py"))


@pytest.mark.parametrize(("cuda", "wanted"), [("'13.0'", True), ("None", False)])
def test_the_extra_brings_a_cards_libraries_only_for_a_torch_with_cuda(tmp_path: Path, cuda: str, wanted: bool) -> None:
    checkout = small_checkout(tmp_path)
    _sell_torch(checkout, cuda)
    first = checkout.run("--extra", "gpu", "tell")
    assert first.returncode == 0, first.stderr
    assert bool(_libraries(checkout)) == wanted
    later = checkout.run("--extra", "gpu", "tell")
    assert (later.returncode, later.stderr) == (0, "")


def test_without_the_extra_nothing_of_it_is_asked_for(tmp_path: Path) -> None:
    checkout = small_checkout(tmp_path)
    _sell_torch(checkout, "'13.0'")
    assert checkout.run("tell").returncode == 0
    assert not list((checkout.folder / ".venv").rglob("torch/version.py"))
    told = checkout.run("--extra", "warp", "tell")
    assert "there is: gpu." in told.stderr
