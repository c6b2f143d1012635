"""A card's libraries come where torch wants them."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.front_door.checkout import SmallCheckout, small_checkout
from tests.pipeline.shelf.registries import wheel

Used = Callable[[Path], SmallCheckout]


def _sell_torch(checkout: SmallCheckout, cuda: str) -> None:
    """A torch of one file in the lock `gpu`, and what only one with CUDA wants in the lock `cuda`."""
    runtime = wheel(checkout.wheels, "nvidia-cuda-runtime", "13.0", {"nvidia_runtime.py": b""})
    _lock(checkout, "gpu", "torch==1.0", _torch(checkout.wheels, "1.0", cuda))
    _lock(checkout, "cuda", "nvidia-cuda-runtime==13.0", runtime)


def _torch(folder: Path, version: str, cuda: str) -> Path:
    told = f"__version__ = '1'\ncuda: Optional[str] = {cuda}\nhip: Optional[str] = None\n"
    return wheel(folder, "torch", version, {"torch/__init__.py": b"", "torch/version.py": told.encode()})


def _lock(checkout: SmallCheckout, layer: str, pin: str, *files: Path) -> None:
    lines = [pin, *(f"    --hash=sha256:{_sha256(file)}" for file in files)]
    (checkout.folder / "data" / "locks" / f"{layer}.txt").write_text(" \\\n".join(lines) + "\n")


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _libraries(checkout: SmallCheckout) -> list[Path]:
    return list((checkout.folder / ".venv").rglob("nvidia_runtime.py"))


@pytest.mark.parametrize(("cuda", "wanted"), [("'13.0'", True), ("None", False)])
def test_the_extra_brings_a_cards_libraries_only_for_a_torch_with_cuda(
    used_before: Used, tmp_path: Path, cuda: str, wanted: bool
) -> None:
    checkout = small_checkout(tmp_path) if wanted else used_before(tmp_path)  # once as the very first use, and once not
    _sell_torch(checkout, cuda)
    first = checkout.run("--extra", "gpu", "tell")
    assert first.returncode == 0, first.stderr
    assert bool(_libraries(checkout)) == wanted
    later = checkout.run("--extra", "gpu", "tell")
    assert (later.returncode, later.stderr) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere torch comes without CUDA")
@pytest.mark.parametrize("card", [False, True])
def test_a_machine_without_a_card_takes_the_build_for_processors_it_is_offered(
    used_before: Used, tmp_path: Path, card: bool
) -> None:
    """A registry that names the hash of the one with CUDA, and a folder beside it with the other."""
    checkout = used_before(tmp_path)
    _sell_torch(checkout, "'13.0'")
    registry = tmp_path / "simple" / "torch"
    registry.mkdir(parents=True)
    with_cuda = (checkout.wheels / "torch-1.0-py3-none-any.whl").rename(registry / "torch-1.0-py3-none-any.whl")
    _lock(checkout, "gpu", "torch==1.0", with_cuda, _torch(checkout.wheels, "1.0+cpu", "None"))
    link = f'<a href="{with_cuda.name}#sha256={_sha256(with_cuda)}">{with_cuda.name}</a>'
    (registry / "index.html").write_text(f"<!DOCTYPE html><html><body>{link}</body></html>")
    smi = tmp_path / "bin" / "nvidia-smi"
    smi.parent.mkdir()
    if card:
        smi.touch(mode=0o755)
    here = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": registry.parent.as_uri(), "PATH": f"{smi.parent}:/usr/bin:/bin"}
    told = checkout.run("--extra", "gpu", "tell", **here)
    assert told.returncode == 0, told.stderr
    assert bool(_libraries(checkout)) == card


def test_without_the_extra_nothing_of_it_is_asked_for(used_before: Used, tmp_path: Path) -> None:
    checkout = used_before(tmp_path)
    _sell_torch(checkout, "'13.0'")
    assert checkout.run("tell").returncode == 0
    assert not list((checkout.folder / ".venv").rglob("torch/version.py"))
    told = checkout.run("--extra", "warp", "tell")
    assert "there is: gpu." in told.stderr
