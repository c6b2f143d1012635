"""The faster graph, sample for sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from pipeline.backends.kokoro.engine import KokoroInput, OnnxEngine, Run
from pipeline.backends.kokoro.graph_edits import grafted, multiplies_exactly, with_products
from pipeline.backends.kokoro.onnx_wire import nodes_of
from pipeline.cancelled import Cancelled


@pytest.fixture(scope="module")
def files(weights: Callable[[str], Mapping[str, Path]]) -> Mapping[str, Path]:
    return weights("kokoro-82m")


def test_every_convolution_of_single_steps_becomes_a_product(files: Mapping[str, Path]) -> None:
    graph = grafted(files["model.onnx"].read_bytes())
    before = [one for one in nodes_of(graph) if one.op == "ConvInteger"]
    after = nodes_of(with_products(graph))
    left = [one for one in after if one.op == "ConvInteger"]
    assert len(before) > 80
    assert all(set(one.numbers["strides"]) != {1} for one in left)
    made = [one for one in after if one.op == "MatMulInteger" and one.outputs[0].endswith(":sums")]
    assert len(left) + len(made) == len(before)


@pytest.mark.slow
def test_the_products_give_the_same_samples(files: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    if not multiplies_exactly():
        pytest.skip("this processor cuts off sums of byte products; the graph stays as it is here")
    fast = _spoken(files)
    monkeypatch.setattr("pipeline.backends.kokoro_engine.multiplies_exactly", lambda: False)
    plain = _spoken(files)
    assert np.array_equal(fast.audio, plain.audio)
    assert np.abs(fast.audio).max() > 0.01


def _spoken(files: Mapping[str, Path]) -> Run:
    engine = OnnxEngine(files["model.onnx"], 2)
    tokens = np.array([0, *np.random.default_rng(3).integers(43, 150, 24), 0], np.int64)
    style = np.load(files["voices.npz"])["bm_fable"][24]
    made = engine.run(KokoroInput(tokens, style, 1.0, 1.0, 0.0, np.full(len(tokens), 6, np.float32)), Cancelled())
    engine.close()
    return made
