"""A pack of voices is the same everywhere."""

from __future__ import annotations

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.shelf.voicepack import packed


@given(
    st.dictionaries(st.from_regex(r"[a-z]{2}_[a-z]{3,8}", fullmatch=True), st.integers(1, 5), min_size=1, max_size=4)
)
def test_numpy_reads_back_what_was_packed(rows: dict[str, int]) -> None:
    rng = np.random.default_rng(7)
    voices = {name: rng.normal(size=(count, 1, 256)).astype("<f4") for name, count in rows.items()}
    pack = np.load(io.BytesIO(packed({f"voices/{name}.bin": table.tobytes() for name, table in voices.items()})))
    assert sorted(pack.files) == sorted(voices)
    for name, table in voices.items():
        assert np.array_equal(pack[name], table)


def test_the_order_of_arrival_does_not_matter() -> None:
    one, two = b"\0" * 1024, b"\1" * 1024
    assert packed({"a.bin": one, "b.bin": two}) == packed({"b.bin": two, "a.bin": one})
